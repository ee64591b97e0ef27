"""Whether evidence bears out a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator

from act_spec.records import AnswerForm, LabelDefinition, Labelled, Metric, TargetForm
from act_spec.registry import register
from act_spec.tasks.kind import LabelledTask, Labels, LabelSpec, fault
from act_spec.tasks.parts.audit import audit_figures
from act_spec.tasks.parts.classes import class_figures
from act_spec.tasks.parts.standings import standing_figures

SUPPORTED, CONTRADICTED, NOT_STATED = "supported", "contradicted", "not_stated"
_THREE = {
    SUPPORTED: LabelSpec(definition="The evidence says so, or it follows from what the evidence says."),
    CONTRADICTED: LabelSpec(definition="The evidence says otherwise, in whole or in part."),
    NOT_STATED: LabelSpec(definition="The evidence neither says so nor otherwise."),
}


@register("task", "verification.v1")
class Verification(LabelledTask):
    """
    Whether the evidence in an item supports its claim; a label is one answer, or what answers are collapsed to.

    Models answer one of three; `collapse` maps the answers to the labels that
    count, such as two. Distance is 0 or 1, votes settle by plurality.
    """

    kind: str = "verification"
    about_labels: ClassVar[tuple[str, ...]] = ("collapse",)
    claim: str = Field(description="The shown field with the claim.")
    evidence: str = Field(description="The shown field with the evidence.")
    labels: Labels = Field(
        _THREE, description="The answers, with definitions; three unless the recipe names others."
    )
    collapse: dict[str, str] = Field({}, description="From every answer to the label that it counts as.")
    sources: str | None = Field(
        None,
        description="Column that names where each claim comes from, never shown: outcomes are counted for each.",
    )

    systems: tuple[str, ...] = Field(
        (),
        description="Columns with answers of systems that were scored on these labels, never shown: their macro F1 and ranks before and after the audit.",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.labels) < 2:
            raise fault("there is nothing to choose between.", "labels", hint="Name at least two answers.")
        if self.collapse:
            for answer in self.collapse:
                if answer not in self.labels:
                    raise fault(
                        f"'{answer}' is not one of the answers: {', '.join(self.labels)}.", "collapse", answer
                    )
            if missing := [name for name in self.labels if name not in self.collapse]:
                raise fault(f"nothing says what {', '.join(missing)} counts as.", "collapse")
            if len(self.counted) < 2:
                raise fault("all answers count as the same.", "collapse")
        return self

    @property
    def counted(self) -> tuple[str, ...]:
        """The labels that answers count as, in the order of the answers."""
        return tuple(dict.fromkeys(self.collapse.get(name, name) for name in self.labels))

    @property
    def fields(self) -> Mapping[str, str]:
        """Claim and evidence."""
        return {self.claim: "claim", self.evidence: "evidence"}

    @property
    def columns(self) -> Mapping[str, str]:
        """Where claims come from, and what systems answered."""
        named = {} if self.sources is None else {self.sources: "sources"}
        return dict.fromkeys(self.systems, "systems") | named

    def answer_schema(self) -> Mapping[str, Any]:
        """One of the answers."""
        return {"type": "string", "enum": list(self.labels)}

    def answer_instruction(self) -> str:
        """What is held against what."""
        return (
            f'Hold the claim in the field "{self.claim}" against the evidence in the field "{self.evidence}", and nothing '
            "that you know besides. Answer with exactly one label, spelt as in the list."
        )

    def answer_form(self) -> AnswerForm:
        """The labels that count, as choices."""
        told = {name: self.labels[name].definition for name in self.labels} if not self.collapse else {}
        return AnswerForm(
            "choices", tuple(LabelDefinition(name, told.get(name, "")) for name in self.counted)
        )

    def guidance(self) -> tuple[str, ...]:
        """What answers count as."""
        if not self.collapse:
            return ()
        said = "; ".join(f"{name} counts as {label}" for name, label in self.collapse.items())
        return (f"The label is {' or '.join(self.counted)}: {said}.",)

    def parse(self, value: Any) -> str:
        """A reply's label: an answer is collapsed, a label that counts is taken as it is."""
        said = str(value).strip()
        for label in self.counted:
            if label.casefold() == said.casefold():
                return label
        answer = self.known(said)
        return self.collapse.get(answer, answer)

    def read(self, text: str) -> str:
        """A person's label; as `parse`."""
        return self.parse(text)

    def renamed(self, label: str, names: Mapping[str, str]) -> str:
        """The label under its other name, unless it is what answers count as under either."""
        return label if label in self.counted else names.get(label, label)

    def show(self, label: str) -> str:
        """The label itself."""
        return label

    def distance(self, label: str, other: str) -> float:
        """0 where equal, else 1."""
        return float(label != other)

    def settle(self, votes: Sequence[str]) -> str:
        """The most frequent label; ties go to the one whose answer stands first."""
        counts = Counter(votes)
        return max(self.counted, key=lambda label: counts[label])

    def units(self, label: str) -> frozenset[str]:
        """The label itself, as the only unit."""
        return frozenset({label})

    def example(self) -> str:
        """The first label that counts."""
        return self.counted[0]

    def figures(self, rows: Iterable[Labelled]) -> Iterator[Metric]:
        """Macro F1 and balanced accuracy; what reviewers made of the labels, for each source; how systems stand."""
        listed = list(rows)
        yield from class_figures(listed, self.counted)
        yield from audit_figures(listed, self.sources)
        if self.systems:
            yield from standing_figures(listed, self.systems, self.parse, self.counted)

    def target_form(self) -> TargetForm:
        """One of the labels that count."""
        names = self.counted

        def encode(label: str) -> list[float]:
            return [float(name == label) for name in names]

        def decode(belief: Sequence[float]) -> str:
            return max(zip(belief, names, strict=True), key=lambda one: one[0])[1]

        return TargetForm("classes", names, encode, decode)
