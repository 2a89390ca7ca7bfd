"""When a completion came to be known; for those there are, the moment of the completion itself."""

from django.db import migrations, models
from django.db.models import F

import common.clock


def fill(apps, schema_editor):
    apps.get_model("courses", "CourseCompletion").objects.update(recorded_at=F("completed_at"))


class Migration(migrations.Migration):
    dependencies = [("courses", "0003_coursepage_attendance_completes")]

    operations = [
        migrations.AddField("coursecompletion", "recorded_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            "coursecompletion",
            "recorded_at",
            models.DateTimeField(
                default=common.clock.now, help_text="When it came to be known: later for what a paper list said."
            ),
        ),
    ]
