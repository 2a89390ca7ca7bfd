"""The pages every installation starts with."""

from __future__ import annotations

import pytest
from wagtail.models import Page, Site

from content.models import ContentVersion, HomePage, SiteSettings
from content.site_tree import ensure_site

pytestmark = pytest.mark.django_db

PATHS = ["", "khoa-hoc/", "thi-dua/", "tro-giup/", "du-lieu-cua-ban/"]


@pytest.mark.parametrize("prefix", ["/", "/en/"])
@pytest.mark.parametrize("path", PATHS)
def test_every_first_page_is_served_in_both_languages(client, prefix, path):
    ensure_site()
    response = client.get(prefix + path)
    assert response.status_code == 200
    markup = response.content.decode()
    assert f'<html lang="{"en" if prefix == "/en/" else "vi"}">' in markup
    assert markup.count("<h1") == 1
    assert 'property="og:title"' in markup
    assert "style=" not in markup


def test_doing_it_again_changes_nothing():
    first = ensure_site("thonso.example", 443)
    home = HomePage.objects.get(pk=first.pk)
    home.headline = "Tên khác"
    home.save_revision().publish()
    before = list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id"))
    token = ContentVersion.current()
    assert ensure_site("other.example", 80) == first
    assert list(Page.objects.order_by("pk").values_list("pk", "latest_revision_id")) == before
    assert ContentVersion.current() == token
    assert HomePage.objects.get(pk=first.pk).headline == "Tên khác"
    site = Site.objects.get()
    assert (site.hostname, site.port, site.is_default_site) == ("thonso.example", 443, True)


def test_wagtails_welcome_page_is_gone_and_translations_belong_together():
    ensure_site()
    homes = HomePage.objects.order_by("pk")
    assert list(Page.objects.filter(depth=2).values_list("pk", flat=True)) == [home.pk for home in homes]
    assert len({home.translation_key for home in homes}) == 1
    for path in PATHS[1:]:
        pages = Page.objects.filter(slug=path.rstrip("/"))
        assert len(pages) == 2
        assert len({page.translation_key for page in pages}) == 1
    assert SiteSettings.objects.get().help_text
