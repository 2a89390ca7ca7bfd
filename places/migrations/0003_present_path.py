from django.db import migrations, models
from django.db.models import F


def count_where_they_stand(apps, schema_editor):
    """Until units are next settled, every one counts where it stands."""
    apps.get_model("places", "AdministrativeUnit").objects.update(present_path=F("path"))


class Migration(migrations.Migration):
    dependencies = [("places", "0002_change_kinds")]

    operations = [
        migrations.AddField(
            model_name="administrativeunit",
            name="present_path",
            field=models.CharField(
                db_index=True,
                default="",
                editable=False,
                help_text="Where what is recorded here counts today: the own path while in force, that of the only "
                "successor, what the parts of a divided unit have in common.",
                max_length=120,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(count_where_they_stand, migrations.RunPython.noop, elidable=True),
    ]
