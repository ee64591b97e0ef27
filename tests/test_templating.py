"""Templates come with recipes of other teams: nothing of Python is in reach, and nothing becomes huge or endless."""

from __future__ import annotations

import time

import pytest

from act_spec import sandbox
from act_spec.errors import RecipeError
from act_spec.templating import compile_template, render

DOUBLED = (
    "{% set ns = namespace(x=X) %}{% for _ in range(60) %}{% set ns.x = Y %}{% endfor %}{{ ns.x | length }}"
)
HUGE = {
    "repetition": "{{ 'x' * 10**9 }}",
    "repetition of a list": "{{ [1] * 10**9 }}",
    "power": "{{ 10 ** 10 ** 10 }}",
    "powers of powers": DOUBLED.replace("X", "9").replace("Y", "ns.x * ns.x"),
    "range": "{{ range(10**9) | list }}",
    "width in format": "{{ '{:>1000000000}'.format('x') }}",
    "width put into format": "{{ '{:>{}}'.format('x', 10**9) }}",
    "width in format_map": "{{ '{x:>1000000000}'.format_map({'x': 1}) }}",
    "precision in format": "{{ '{:.999999999f}'.format(1.5) }}",
    "width in %": "{{ '%1000000000s' % 'x' }}",
    "many fields": "{% set x = ('{:999}' * 1) %}{{ ('y' | replace('', x)) * 9 }}",
    "center": "{{ 'x'.center(10**9) }}",
    "ljust": "{{ 'x'.ljust(10**9) }}",
    "rjust": "{{ 'x'.rjust(10**9) }}",
    "zfill": "{{ 'x'.zfill(10**9) }}",
    "expandtabs": "{{ '\t'.expandtabs(10**9) }}",
    "join of a text": "{{ 'x'.join(range(9)) }}",
    "bytes": "{{ (1).to_bytes(10**9, 'big') }}",
    "encoded": "{{ 'x'.encode() }}",
    "item of a text": "{{ 'x'['center'](10**9) }}",
    "filter center": "{{ 'x' | center(10**9) }}",
    "filter indent": "{{ 'x' | indent(10**9, true) }}",
    "filter wordwrap": "{{ 'x' | wordwrap(1, wrapstring='x') }}",
    "filter format": "{{ '%1000000000s' | format('x') }}",
    "filter batch": "{{ [1] | batch(10**9, 1) | list }}",
    "filter slice": "{{ [1] | slice(10**9) | list }}",
    "filter tojson": "{{ [1] | tojson(indent=10**9) }}",
    "filter round": "{{ 1.5 | round(-10**9, 'ceil') }}",
    "filter attr": "{{ 'x' | attr('center') }}",
    "lipsum": "{{ lipsum(n=10**9) }}",
    "doubling by +": DOUBLED.replace("X", "'xxxxxxxx'").replace("Y", "ns.x + ns.x"),
    "doubling by ~": DOUBLED.replace("X", "'xxxxxxxx'").replace("Y", "ns.x ~ ns.x"),
    "doubling a list": DOUBLED.replace("X", "[1]").replace("Y", "ns.x + ns.x"),
    "doubling by replace": DOUBLED.replace("X", "'xxxxxxxx'").replace("Y", "ns.x | replace('x', ns.x)"),
    "doubling by a text's replace": DOUBLED.replace("X", "'xxxxxxxx'").replace("Y", "ns.x.replace('x', ns.x)"),
    "doubling by join": DOUBLED.replace("X", "'xxxxxxxx'").replace("Y", "[ns.x, ns.x] | join(ns.x)"),
    "doubling by sum": DOUBLED.replace("X", "[1]").replace("Y", "[ns.x, ns.x] | sum(start=[])"),
    "doubling by format": DOUBLED.replace("X", "'xxxxxxxx'").replace("Y", "'{0}{0}'.format(ns.x)"),
    "doubling by a block": DOUBLED.replace("X", "'xxxxxxxx'").replace(
        "{% set ns.x = Y %}", "{% set y %}{{ ns.x }}{{ ns.x }}{% endset %}{% set ns.x = y %}"
    ),
    "lists of lists": DOUBLED.replace("X", "[1]").replace("Y", "[ns.x, ns.x]").replace("| length", ""),
    "lists of lists, as JSON": DOUBLED.replace("X", "[1]").replace("Y", "[ns.x, ns.x]").replace("length", "tojson"),
    "namespaces": "{% set a = namespace(x=1) %}{{ a }}",
    "output": "{% for _ in range(9999) %}{{ '%s' }}{% for _ in range(9999) %}xxxxxxxxxxx{% endfor %}{% endfor %}",
}  # fmt: skip
ENDLESS = {
    "loops in loops": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "loops that know their length": (
        "{% for a in range(99999) %}{% for b in range(99999) %}{% if loop.last %}{% endif %}{% endfor %}{% endfor %}"
    ),
    "macros that call themselves": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(99) }}",
}
OUTSIDE = {
    "class": "{{ ''.__class__ }}",
    "class as an item": "{{ ''['__class__'] }}",
    "class through format": "{{ '{0.__class__}'.format('') }}",
    "class through format_map": "{{ '{x.__class__}'.format_map({'x': 1}) }}",
    "class through map": "{{ [''] | map(attribute='__class__') | first }}",
    "globals of a macro": "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "self": "{{ self.__init__ }}",
    "cycler": "{{ cycler.__init__.__globals__ }}",
    "change of a list": "{{ values.append(1) }}",
    "change of a mapping": "{{ named.update({'a': 1}) }}",
    "unknown name": "{{ nothing }}",
    "unknown attribute": "{{ named.nothing }}",
    "a file": "{% include '/etc/passwd' %}",
    "division by nothing": "{{ 1 / 0 }}",
    "index": "{{ values[9] }}",
    "sorting what has no order": "{{ [1, 'a'] | sort }}",
    "a number that is none": "{{ 'x'.split('') }}",
}
NOT_A_TEMPLATE = {
    "brackets": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "loops": "{% for a in b %}" * 30 + "{% endfor %}" * 30,
    "digits": "{{ " + "9" * 9000 + " }}",
    "blocks": "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
}


def refusal(text):
    started = time.process_time()
    with pytest.raises(RecipeError) as refused:
        render("mine", text, {"values": [1], "named": {"a": 1}})
    assert time.process_time() - started < 20  # far above what it takes
    [problem] = refused.value.problems
    assert problem.file == "mine.j2"
    assert "\n" not in problem.message
    return problem


@pytest.mark.promise("code")
@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_nothing_huge_is_made(text, monkeypatch):
    monkeypatch.setattr(sandbox, "MAX_OUTPUT_CHARS", 500_000)
    assert refusal(text)


@pytest.mark.promise("code")
@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_nothing_goes_on_for_ever(text, monkeypatch):
    monkeypatch.setattr(sandbox, "MAX_STEPS", 200_000)
    assert "steps" in refusal(text).message


@pytest.mark.promise("code")
@pytest.mark.parametrize("text", OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_of_python_is_in_reach(text):
    assert refusal(text)


@pytest.mark.promise("code")
@pytest.mark.parametrize("text", NOT_A_TEMPLATE.values(), ids=NOT_A_TEMPLATE)
def test_what_python_cannot_compile_is_no_template(text):
    with pytest.raises(RecipeError):
        compile_template("mine", text)


def test_the_line_is_named():
    assert refusal("fine\n\n{{ 'x' * 3 }}").line == 3


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("{{ '{:,}'.format(1234567).replace(',', '.') }}", "1.234.567"),
        ("{{ 'a' ~ 1 ~ none }}", "a1None"),
        ("{% for one in values %}{{ loop.index }}/{{ loop.length }} {% endfor %}", "1/3 2/3 3/3 "),
        ("{% for key, value in named.items() %}{{ key }}={{ value }}{% endfor %}", "a=1"),
        ("{{ (0.256 * 100) | round(1) }} {{ 2 ** 10 }} {{ 7 % 4 }}", "25.6 1024 3"),
        ("{{ values | join(', ') }} {{ values | map('string') | join }}", "1, 2, 3 123"),
        ("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(m(1)) }}", "<<1>>"),
        ("{{ named | tojson }}", '{"a": 1}'),
    ],
)
def test_what_documents_need_is_there(text, made):
    assert render("mine", text, {"values": [1, 2, 3], "named": {"a": 1}}) == made


def test_values_are_escaped_where_html_is_made():
    text = "{{ x }}{% set y %}<b>{{ x }}</b>{% endset %}{{ y ~ x }}"

    assert render("mine", text, {"x": "<i>"}, html=True) == "&lt;i&gt;<b>&lt;i&gt;</b>&lt;i&gt;"
