"""Forms around an organisation's list of people. They only take what was typed; operations judge it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from people.enums import RowOutcome
from people.models import RosterImport, RosterRow
from people.roster.cells import COURSE_LIMIT, FIRST_REGISTER_YEAR, ISSUER_LIMIT, read_fields
from people.roster.columns import ENTRY_FIELDS, fields_of
from people.roster.deciding import units_in_question
from people.roster.problems import ERROR, problem_sentence, problem_text, with_level
from people.roster.rows import stored_problems, typed
from people.roster.workbooks import column_letter
from places.models import AdministrativeUnit

FIELD_CHOICES = {
    "full_name": gettext_lazy("Full name"),
    "family_name": gettext_lazy("Family name (when it has a column of its own)"),
    "given_name": gettext_lazy("Given name (when it has a column of its own)"),
    "birth": gettext_lazy("Year or date of birth"),
    "birth_women": gettext_lazy("Year of birth of women (when it has a column of its own)"),
    "phone": gettext_lazy("Phone number"),
    "title": gettext_lazy("Position"),
    "village": gettext_lazy("Village"),
    "commune": gettext_lazy("Commune"),
    "address": gettext_lazy("Address in one column"),
    "serial": gettext_lazy("Number of the paper"),
    "issued_on": gettext_lazy("Day of issue"),
    "course": gettext_lazy("What was learnt"),
}


class UploadForm(forms.Form):
    """A list of people, as it is."""

    file = forms.FileField(
        label=gettext_lazy("The file with the list"),
        help_text=gettext_lazy("Excel (.xlsx, .xls) or CSV, at most 10 MB. Leave it as it is, title rows and all."),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv"}),
    )


class RegisterForm(UploadForm):
    """The file of an old register, and what counts for all of its lines."""

    issuer = forms.CharField(
        label=gettext_lazy("Who gave these papers?"),
        help_text=gettext_lazy("As it stands on them, the name of that time: a district that is no more, for example"),
        max_length=ISSUER_LIMIT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "issuers"}),
        error_messages={"required": gettext_lazy("Write who gave the papers, as it stands on them.")},
    )
    course = forms.CharField(
        label=gettext_lazy("What was learnt"),
        help_text=gettext_lazy("For lines on which it does not stand"),
        max_length=COURSE_LIMIT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    issued_on = forms.DateField(
        label=gettext_lazy("Day of issue"),
        help_text=gettext_lazy("For lines on which it does not stand; of a class of several days the last one"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("Enter a day, for example 01/11/2026.")},
    )
    field_order = ["issuer", "course", "issued_on", "file"]

    def clean_issued_on(self) -> date | None:
        day = self.cleaned_data["issued_on"]
        if day is not None and not date(FIRST_REGISTER_YEAR, 1, 1) <= day <= clock.today():
            raise forms.ValidationError(
                problem_text({"code": "entry-day-range", "params": {"first": FIRST_REGISTER_YEAR}})
            )
        return day


def _plain(**attrs: str) -> forms.TextInput:
    """A box that never offers the manager's own name or number."""
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


class PersonFields(forms.Form):
    """Name, birth, phone and position, typed freely."""

    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=400,
        widget=_plain(),
        error_messages={"required": problem_sentence("name-missing")},
    )
    birth = forms.CharField(
        label=gettext_lazy("Year or date of birth"),
        help_text=gettext_lazy("For example 1979 or 15/03/1979"),
        max_length=40,
        required=False,
        widget=_plain(),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone number"),
        help_text=gettext_lazy("Ten digits, or leave it empty"),
        max_length=40,
        required=False,
        widget=_plain(inputmode="tel"),
    )
    title = forms.CharField(label=gettext_lazy("Position"), max_length=400, required=False, widget=_plain())

    def say(self, problems: list[dict[str, Any]]) -> None:
        """Put the errors among stored problems beside their fields."""
        for problem in with_level(problems, ERROR):
            text = problem_text(problem)
            field = problem["field"] if problem["field"] in self.fields else None
            if text not in self.errors.get(field or "__all__", []):
                self.add_error(field, text)


class RowForm(PersonFields):
    """One row of a list, to be mended."""

    address = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Village and commune; names of before July 2025 are understood, too"),
        max_length=400,
        required=False,
        widget=_plain(),
    )
    complete_name = forms.BooleanField(label=gettext_lazy("The name has one word and is complete"), required=False)
    serial = forms.CharField(
        label=FIELD_CHOICES["serial"],
        help_text=gettext_lazy("Leave it empty for a training without a paper"),
        max_length=400,
        required=False,
        widget=_plain(),
    )
    issued_on = forms.CharField(
        label=FIELD_CHOICES["issued_on"],
        help_text=gettext_lazy("For example 15/03/2025"),
        max_length=60,
        required=False,
        widget=_plain(),
    )
    course = forms.CharField(label=FIELD_CHOICES["course"], max_length=400, required=False, widget=_plain())

    def __init__(self, row: RosterRow, data: Any = None) -> None:
        found = {problem["code"] for problem in row.problems}
        values = {
            "full_name": row.data["full_name"],
            "birth": typed(row.data, "birth"),
            "phone": typed(row.data, "phone"),
            "title": row.data["title"],
            "address": row.data.get("address", ""),
        }
        if row.roster.is_register:
            values |= {name: typed(row.data, name) for name in ENTRY_FIELDS}
        if data is not None:
            # The list sends only the fields it shows; the others stay as they are.
            values = {**values, **{name: data[name] for name in data if name in {*values, "complete_name"}}}
        shows_errors = data is None and row.outcome == RowOutcome.ERROR
        super().__init__(values if data is not None or shows_errors else None, initial=values)
        if not {"name-one-word"} & found and not row.data.get("complete_name"):
            del self.fields["complete_name"]
        for name in ("title",) if row.roster.is_register else ENTRY_FIELDS:
            del self.fields[name]
        if shows_errors:
            self.full_clean()
            self.say(row.problems)


class ResidenceForm(forms.Form):
    """Which of the places in question a row means."""

    unit = forms.TypedChoiceField(
        label=gettext_lazy("Where is this today?"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    alike = forms.BooleanField(required=False)

    def __init__(self, row: RosterRow, *, alike: int, data: Any = None) -> None:
        super().__init__(data, initial={"unit": "", "alike": True})
        units = AdministrativeUnit.objects.in_force().filter(pk__in=units_in_question(row))
        found = units.select_related("parent__parent").order_by("sort_key", "pk")
        self.fields["unit"].choices = [
            *((unit.pk, unit.address) for unit in found),
            ("", _("Leave the address empty")),
        ]
        if alike < 2:
            del self.fields["alike"]
        else:
            self.fields["alike"].label = _("The same for all %(count)d rows with this address") % {"count": alike}


class MemberForm(PersonFields):
    """One person put on the list by hand."""

    complete_name = forms.BooleanField(
        label=gettext_lazy("The name has one word and is complete"), required=False, widget=forms.HiddenInput
    )
    is_another = forms.BooleanField(
        label=gettext_lazy("This is another person of the same name"), required=False, widget=forms.HiddenInput
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "full_name" in cleaned:
            data, problems = read_fields(
                name=cleaned["full_name"],
                birth=cleaned.get("birth", ""),
                phone=cleaned.get("phone", ""),
                title=cleaned.get("title", ""),
                complete_name=bool(cleaned.get("complete_name")),
            )
            self.say(stored_problems(problems))
            if any(problem.code == "name-one-word" for problem in problems):
                self.fields["complete_name"].widget = forms.CheckboxInput()
            cleaned["data"] = data
        return cleaned

    def ask_whether_another(self) -> None:
        """Offer to say that it is somebody else of the same name."""
        self.fields["is_another"].widget = forms.CheckboxInput()


class ColumnsForm(forms.Form):
    """Which sheet holds the list, where its header is, and which column is what."""

    header_row = forms.IntegerField(
        label=gettext_lazy("Row of the column names"),
        help_text=gettext_lazy("The number at the left edge of the spreadsheet; 0 when there is no such row."),
        min_value=0,
        max_value=100_000,
    )

    def __init__(self, roster: RosterImport, sheet: dict[str, Any], data: Any = None) -> None:
        current = roster.columns if sheet["name"] == roster.sheet and roster.columns else sheet["columns"]
        initial = {"header_row": sheet["header_row"], **current}
        super().__init__(data, initial=initial)
        choices = [("", _("No column")), *_column_choices(sheet)]
        self.last_row: int | None = sheet.get("last_row")
        self.names = fields_of(roster.is_register)
        for name in self.names:
            self.fields[name] = forms.TypedChoiceField(
                label=FIELD_CHOICES[name], choices=choices, required=False, coerce=int, empty_value=None
            )

    def clean_header_row(self) -> int:
        row: int = self.cleaned_data["header_row"]
        if self.last_row is not None and row > self.last_row:
            raise forms.ValidationError(
                _("The sheet has no row %(row)s: its last one is row %(last)s.") % {"row": row, "last": self.last_row}
            )
        return row

    def chosen(self) -> dict[str, int]:
        """Field name → column, of a valid form."""
        return {name: self.cleaned_data[name] for name in self.names if self.cleaned_data.get(name) is not None}


def _column_choices(sheet: dict[str, Any]) -> list[tuple[int, str]]:
    found = []
    for place, (header, example) in enumerate(zip(sheet["headers"], sheet["examples"], strict=True)):
        words = " · ".join(part for part in (header, example) if part)
        found.append((place, f"{column_letter(place)}: {words}" if words else column_letter(place)))
    return found


class ConfirmForm(forms.Form):
    """What is to be done with the people of a list. The course was chosen by a link before."""

    course = forms.ChoiceField(required=False, widget=forms.HiddenInput)
    residence_from_seat = forms.BooleanField(required=False)

    def __init__(self, courses: list[tuple[str, str]], seat: str, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["course"].choices = [("", ""), *courses]
        self.fields["residence_from_seat"].label = _("Those without an address live in %(place)s") % {"place": seat}


class CourseChoiceForm(forms.Form):
    """The course in which chosen people are to be enrolled."""

    course = forms.ChoiceField(label=gettext_lazy("Enrol them in"))

    def __init__(self, courses: list[tuple[str, str]], data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["course"].choices = courses
