"""The pages every installation starts with, in both languages."""

from __future__ import annotations

from pathlib import Path

import yaml
from django.apps import apps
from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from content.models import HomePage, SiteSettings, StandardPage

FIRST_PAGES = Path(__file__).parent / "first_pages"
INDEX_PAGES = {"khoa-hoc": ("courses", "CourseIndexPage"), "thi-dua": ("campaigns", "CampaignIndexPage")}


@transaction.atomic
def ensure_site(hostname: str = "localhost", port: int = 80) -> HomePage:
    """Make the home pages with what stands below them where they are missing; return the first language's home page.

    What is there already is left as it is, so the command that calls this may run again.
    """
    root = Page.objects.get(depth=1)
    originals: dict[str, Page] = {}
    for code, _name in settings.WAGTAIL_CONTENT_LANGUAGES:
        locale, _created = Locale.objects.get_or_create(language_code=code)
        words = yaml.safe_load((FIRST_PAGES / f"{code}.yaml").read_text(encoding="utf-8"))
        home = HomePage.objects.filter(locale=locale, depth=2).first()
        if home is None:
            slug = "trang-chu" if code == settings.LANGUAGE_CODE else f"trang-chu-{code}"
            home = HomePage(slug=slug, locale=locale, **words["home"], **_same_as(originals.get("home")))
            root.add_child(instance=home)
            home.save_revision().publish()
        originals.setdefault("home", home)
        for slug, fields in words.items():
            if slug != "home":
                _ensure_child(home, slug, fields, originals)
    first = originals["home"]
    site, created = Site.objects.get_or_create(
        is_default_site=True, defaults={"hostname": hostname, "port": port, "root_page": first, "site_name": "Thôn Số"}
    )
    if not created and not isinstance(site.root_page.specific, HomePage):  # Wagtail's own welcome page
        welcome = site.root_page
        site.root_page, site.hostname, site.port, site.site_name = first, hostname, port, "Thôn Số"
        site.save()
        welcome.delete()
    SiteSettings.objects.get_or_create(
        site=site,
        defaults={
            "hotline_hours_en": "from 7 a.m. to 8 p.m. every day",
            "help_text_en": "Come to the culture house of the village: somebody shows you each step, free of charge.",
            "hotline_hours": "7 giờ đến 20 giờ hằng ngày",
            "help_text": "Đến nhà văn hoá thôn, có người ngồi cạnh chỉ từng bước. Không mất tiền.",
            "footer_text": "Thôn Số là nền tảng học kỹ năng số miễn phí cho người dân, hợp tác xã và cán bộ cơ sở.",
        },
    )
    return first


def _ensure_child(home: HomePage, slug: str, fields: dict, originals: dict[str, Page]) -> None:
    model = apps.get_model(*INDEX_PAGES[slug]) if slug in INDEX_PAGES else StandardPage
    page = model.objects.child_of(home).filter(slug=slug).first()
    if page is None:
        if "body" in fields:
            fields = {**fields, "body": [(part["block"], part["value"]) for part in fields["body"]]}
        page = model(slug=slug, locale=home.locale, **fields, **_same_as(originals.get(slug)))
        home.add_child(instance=page)
        page.save_revision().publish()
    originals.setdefault(slug, page)


def _same_as(original: Page | None) -> dict:
    """A translation shares its original's key."""
    return {"translation_key": original.translation_key} if original is not None else {}
