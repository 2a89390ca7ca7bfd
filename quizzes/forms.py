"""The editor's form of a question: its choices are checked together."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from quizzes.validators import choice_problems


class QuestionForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        formset = self.formsets["choices"]
        formset.is_valid()  # fills in what each choice says
        forms = [form for form in formset.forms if form.has_changed() or form.instance.pk]
        forms = [form for form in forms if not form.cleaned_data.get("DELETE")]
        rows = [
            (
                form.cleaned_data.get("text", ""),
                bool(form.cleaned_data.get("is_correct")),
                form.cleaned_data.get("feedback", ""),
            )
            for form in forms
        ]
        for problem in choice_problems(cleaned.get("kind", ""), rows):
            if problem.position is None:
                self.add_error(None, problem.message)
            elif problem.code != "no-feedback":  # a required field says so itself
                forms[problem.position].add_error("text", problem.message)
        return cleaned


class QuizForm(WagtailAdminModelForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        draw, questions = cleaned.get("draw"), cleaned.get("questions")
        if draw and questions is not None and draw > len(questions):
            self.add_error("draw", _("The test has fewer questions than that."))
        for field in ("draw", "max_attempts", "time_limit_minutes"):
            if cleaned.get(field) == 0:
                self.add_error(field, _("Leave it empty for no limit."))
        return cleaned
