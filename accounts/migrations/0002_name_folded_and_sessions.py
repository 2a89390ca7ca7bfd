"""The name of a login as it is found without accents; what ends its open sessions."""

from django.db import migrations, models

from common.folding import fold


def fill(apps, schema_editor):
    logins = apps.get_model("accounts", "User").objects.exclude(first_name="", last_name="")
    changed = []
    for login in logins.only("first_name", "last_name").iterator(chunk_size=1000):
        login.name_folded = fold(f"{login.first_name} {login.last_name}")
        changed.append(login)
    logins.model.objects.bulk_update(changed, ["name_folded"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            "user",
            "name_folded",
            models.CharField(default="", editable=False, help_text="To find it without accents.", max_length=320),
        ),
        migrations.AddField(
            "user",
            "sessions_ended",
            models.PositiveIntegerField(
                default=0, editable=False, help_text="How often all open sessions of the login were ended."
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
