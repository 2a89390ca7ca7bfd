"""What must hold before the site starts."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, register


@register()
def check_private_files(app_configs, **kwargs) -> list[Error]:
    """A front server hands out the public folders without asking: private files must not lie in one, nor around it."""
    private = Path(settings.PRIVATE_ROOT).resolve()
    errors = []
    for name in ("MEDIA_ROOT", "STATIC_ROOT"):
        public = Path(getattr(settings, name)).resolve()
        if private.is_relative_to(public) or public.is_relative_to(private):
            errors.append(
                Error(
                    f"PRIVATE_ROOT and {name} lie in one another: everybody could read private files.",
                    hint="Give each a folder of its own.",
                    id="training_site.E001",
                )
            )
    return errors
