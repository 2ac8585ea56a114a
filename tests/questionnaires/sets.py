"""Question sets for the tests of this floor."""

from __future__ import annotations

from typing import Any

from questionnaires.models import Question, QuestionSet, QuestionSetVersion, Response, Section

LETTER = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def version_of(checks: Any = (), /, **sections: Any) -> QuestionSetVersion:
    """version_of(project=[{"key": "need"}], money=[…]) → a version with these sections and questions, in this order.

    A question without a kind is a long text of five words. A section that is a dict has its own values and "questions".
    """
    question_set = QuestionSet.objects.get_or_create(key="set", defaults={"name": "Set"})[0]
    number = question_set.versions.count() + 1
    version = QuestionSetVersion.objects.create(question_set=question_set, number=number, checks=list(checks))
    for place, (key, told) in enumerate(sections.items()):
        values = dict(told) if isinstance(told, dict) else {"questions": told}
        questions = values.pop("questions")
        section = Section.objects.create(version=version, key=key, order=place, **{"title": key.capitalize(), **values})
        for order, given in enumerate(questions):
            kind = given.get("kind", "long_text")
            usual = {"kind": kind, "max_words": 5 if kind == "long_text" else None, "text": f"What is the {given['key']}?"}
            Question.objects.create(section=section, order=order, **{**usual, **given})
    return version


def respond(version: QuestionSetVersion, **answers: Any) -> Response:
    """A response with answers; a list of rows is given as rows=[{"key": value}]."""
    response = Response.objects.create(version=version)
    for repeat, row in enumerate(answers.pop("rows", [])):
        for key, value in row.items():
            response.answers.create(question_key=key, value=value, repeat=repeat)
    for key, value in answers.items():
        response.answers.create(question_key=key, value=value)
    return response


def looks_at(key: str, op: str, value: Any = None, *, other: str = "") -> dict[str, Any]:
    return {"question": key, "op": op, **({"other": other} if other else {"value": value})}
