"""The one table of drawings: interface icons (24 px, stroked) and course pictures (52 px, two tones).

Icons take the colour of the text beside them. Course pictures keep the rule of the look: deep lines 2.2 px
wide and exactly one rice-coloured shape.
"""

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "home": '<path d="M3 11.5 12 4l9 7.5M5.5 10v10h13V10M10 20v-5.5h4V20"/>',
    "book": '<path d="M12 6.5C10 5 7 4.5 3.5 5v14c3.5-.5 6.5 0 8.5 1.5 2-1.5 5-2 8.5-1.5V5C17 4.5 14 5 12 6.5v14"/>',
    "flag": '<path d="M6 21V4M6 5h13l-3 4.25 3 4.25H6"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5C5 16.5 8 14.5 12 14.5s7 2 7.5 6"/>',
    "people": '<circle cx="9" cy="8" r="3.5"/><path d="M2.5 19.5c.5-3.5 3-5 6.5-5s6 1.5 6.5 5'
    'M15.5 4.7a3.5 3.5 0 0 1 0 6.6M18 15c2 .7 3.2 2.2 3.5 4.5"/>',
    "phone": '<path d="M5 3.5h3.5l2 5-2.5 1.8a12 12 0 0 0 5.7 5.7l1.8-2.5 5 2V19a1.7 1.7 0 0 1-1.8 1.7'
    'C10.5 20 4 13.5 3.3 5.3A1.7 1.7 0 0 1 5 3.5z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5.5 5.5"/>',
    "back": '<path d="m15 4.5-7.5 7.5 7.5 7.5"/>',
    "next": '<path d="m9 4.5 7.5 7.5L9 19.5"/>',
    "check": '<path d="m4 12.5 5.5 5.5L20.5 6.5"/>',
    "cross": '<path d="m5.5 5.5 13 13m0-13-13 13"/>',
    "circle": '<circle cx="12" cy="12" r="7"/>',
    "warn": '<path d="M12 4 2.5 20h19zM12 10v4.5M12 17v.5"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.5V8"/>',
    "download": '<path d="M12 4v11m-4.5-4.5L12 15l4.5-4.5M4.5 20h15"/>',
    "upload": '<path d="M12 15.5v-11M7.5 9 12 4.5 16.5 9M4.5 20h15"/>',
    "print": '<path d="M7 9V3.5h10V9M7 17H3.5V9h17v8H17M7 14h10v6.5H7z"/>',
    "table": '<path d="M3.5 4.5h17v15h-17zM3.5 9.5h17M3.5 14.5h17M10 4.5v15"/>',
    "register": '<path d="M6 3.5h13V17H8.5A2.5 2.5 0 0 0 6 19.5zM6 19.5A1.5 1.5 0 0 0 7.5 21'
    'H19v-4M9.5 7.5H15M9.5 11.5H15"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.5l3.5 2"/>',
    "calendar": '<path d="M4 5.5h16v15H4zM4 10.5h16M8 3v4.5M16 3v4.5"/>',
    "plus": '<path d="M12 4.5v15M4.5 12h15"/>',
    "filter": '<path d="M3.5 6.5h17M6.5 12h11M10 17.5h4"/>',
    "shield": '<path d="M12 3 4.5 5.5V11c0 4.5 3 8 7.5 10 4.5-2 7.5-5.5 7.5-10V5.5zM8.5 11.5l2.5 2.5 4.5-4.5"/>',
    "document": '<path d="M6 3.5h8l4.5 4.5v12.5H6zM14 3.5V8h4.5M9 12.5h6M9 16.5h6"/>',
    "qr": '<path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM20 14v2.5M17.5 20H20M14 20h.5"/>',
    "chart": '<path d="M4 20.5h16.5M6.5 20.5V12M12 20.5V4.5M17.5 20.5V9"/>',
    "cart": '<path d="M2.5 4h3l2.5 11.5h10.5L21 7.5H6.3"/><circle cx="9" cy="19.5" r="1"/>'
    '<circle cx="17" cy="19.5" r="1"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "mail": '<path d="M3.5 5.5h17v13h-17zM4 6l8 7 8-7"/>',
    "lock": '<path d="M5.5 11h13v9.5h-13zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11"/>',
    "edit": '<path d="m4 20 1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5"/>',
    "play": '<path d="M7.5 4.5v15l12-7.5z"/>',
    "pause": '<path d="M8 5v14M16 5v14"/>',
    "external": '<path d="M13.5 4.5h6v6M19.5 4.5 11 13M9.5 5.5h-5v14h14v-5"/>',
    "globe": '<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c3 3 4 6 4 9s-1 6-4 9c-3-3-4-6-4-9s1-6 4-9z"/>',
    "retry": '<path d="M19.5 12a7.5 7.5 0 1 1-2.5-5.6M19.5 3.5V8H15"/>',
    "bell": '<path d="M5 17.5c1.5-1.5 2-3.5 2-7a5 5 0 0 1 10 0c0 3.5.5 5.5 2 7zM10 20.5h4"/>',
    "up": '<path d="M12 6 3.5 18h17z" fill="currentColor" stroke="none"/>',
    "down": '<path d="M12 18 3.5 6h17z" fill="currentColor" stroke="none"/>',
}

PICTURES: dict[str, str] = {
    "shield": '<path fill="#f2b705" stroke="none" d="M26 12.5 38 16v9.5c0 6.5-4.5 11-12 14z"/>'
    '<path d="M26 12.5 14 16v9.5c0 6.5 4.5 11 12 14 7.5-3 12-7.5 12-14V16zM20.5 26l4 4 7.5-8"/>',
    "document": '<path d="M32.5 12.5H15v27h9M32.5 12.5l5 5V25M20 19.5h10M20 25.5h7.5"/>'
    '<path fill="#f2b705" d="M27 29.5h12v10H27z"/><path d="m30 34.3 2.3 2.2 4-4.2"/>',
    "qr": '<path d="M14 14h10v10H14zM28.5 14h10v10h-10zM14 28.5h10v10H14z"/>'
    '<path fill="#f2b705" d="M28.5 28.5h10v10h-10z"/><path d="M19 18.5v1M33.5 18.5v1M19 33v1'
    'M28.5 34h4.5v4.5"/>',
    "chart": '<path d="M13 39h26M16.5 39V28.5h5V39M30.5 39V14.5h5V39"/><path fill="#f2b705" d="M23.5 21.5h5V39h-5z"/>',
    "phone": '<path d="M18 11.5h16v29H18zM24 15h4M22 20.5h8M22 24.5h5"/><path fill="#f2b705" d="M18 29h16v5.5H18z"/>',
    "cart": '<path d="M11.5 15h4.5l3.5 16.5h14.5"/><path fill="#f2b705" d="M17.3 20.5H39l-3.5 11h-16z"/>'
    '<circle cx="22" cy="37" r="2"/><circle cx="33" cy="37" r="2"/>',
    "people": '<path fill="#f2b705" d="M26 14.5a5 5 0 1 1 0 10 5 5 0 0 1 0-10z"/>'
    '<path d="M16.5 38.5c.5-6.5 4-9.5 9.5-9.5s9 3 9.5 9.5zM15.5 20a4 4 0 1 0 1 7.5M10.5 35c.3-3.2 1.5-5 3.5-6'
    'M36.5 20a4 4 0 1 1-1 7.5M41.5 35c-.3-3.2-1.5-5-3.5-6"/>',
    "certificate": '<path d="M25 35.5H11.5v-21h29V24M17 20.5h17M17 26h9"/>'
    '<path d="M31 34v7.5l3.5-2 3.5 2V34"/><path fill="#f2b705" d="'
    'M34.5 25.5a5 5 0 1 1 0 10 5 5 0 0 1 0-10z"/>',
}


def icon_svg(name: str, size: int = 24) -> SafeString:
    """Return the icon `name` as inline markup hidden from screen readers, `size` CSS pixels wide and high.

    Raises KeyError for a name that is not in the table, so that a misspelling fails in tests.
    """
    return format_html(
        '<svg class="i" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{1}</svg>',
        size,
        mark_safe(ICONS[name]),  # a constant of this module
    )


def picture_svg(name: str, size: int = 52) -> SafeString:
    """Return the course picture `name` on its tile; an unknown name (course data) gives the document."""
    return format_html(
        '<svg class="pic" width="{0}" height="{0}" viewBox="0 0 52 52" fill="none" stroke="#084c37" '
        'stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{1}</svg>',
        size,
        mark_safe(PICTURES.get(name) or PICTURES["document"]),  # a constant of this module
    )
