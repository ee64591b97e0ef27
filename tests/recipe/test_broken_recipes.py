from __future__ import annotations

import pytest

# What the good recipe has, what a user writes instead, where the fault is
# shown, and words of its sentence.
BROKEN = {
    "misspelt top key": ("name: topics", "nmae: topics", "2:1: nmae", ["no key 'nmae'", "mean 'name'"]),
    "misspelt key": (
        "{model: local/tiny}",
        "{model: local/tiny, temprature: 0}",
        "9:32: annotator.temprature",
        ["mean 'temperature'"],
    ),
    "misspelt parameter": ("beta: 20", "bta: 20", "11:50: budget.rule.bta", ["mean 'beta'"]),
    "misspelt rule": (
        "{name: exponential, beta: 20}",
        "sqrtt",
        "11:30: budget.rule",
        ["no rule is named 'sqrtt'", "mean 'sqrt'"],
    ),
    "misspelt strategy": (
        "strategy: cot",
        "strategy: cott",
        "10:39: judge.strategy",
        ["no judge strategy is named 'cott'", "mean 'cot'"],
    ),
    "unknown version": (
        "strategy: cot",
        "strategy: cot.v9",
        "10:39: judge.strategy",
        ["Known versions: cot.v1"],
    ),
    "misspelt kind": (
        "kind: classification",
        "kind: clasification",
        "4:9: task.kind",
        ["no task kind is named", "mean 'classification'"],
    ),
    "kind missing": ("  kind: classification\n", "", "3:1: task.kind", ["missing", "multilabel"]),
    "duplicate key": (
        "name: topics",
        "name: topics\nname: other",
        "3:1: name",
        ["'name' stands twice", "line 2"],
    ),
    "tab": ("  question", "\tquestion", "5:1", ["tab", "spaces"]),
    "unclosed bracket": ("[title, body]", "[title, body", "8:46", ["[ that opens here is never closed"]),
    "unclosed quote": ("Which topic?", '"Which topic?', "5:13", ["never closed"]),
    "python tag": (
        "Which topic?",
        "!!python/object:os.system x",
        "5:13: task.question",
        ["!!python/object:os.system", "refused"],
    ),
    "leading star": ("Which topic?", "*Which* topic?", "5:13", ["'*Which*'", "quotes"]),
    "leading at sign": ("Which topic?", "@topic or not?", "5:13", ["begin with '@'", "quotes"]),
    "leading percent": ("Which topic?", "%topic?", "5:13", ["begin with '%'", "quotes"]),
    "leading backtick": ("Which topic?", "`topic`?", "5:13", ["begin with '`'", "quotes"]),
    "leading ampersand": (
        "Which topic?",
        "&topic or not?",
        "5:13: task.question",
        ["anchor '&topic'", "quotes"],
    ),
    "second colon": ("Which topic?", "Topic: which?", "5:18", ["second ':'", "quotes"]),
    "apostrophe": ("Which topic?", "'What's it?'", "5:19", ["after the end", "''"]),
    "comma in braces": (
        "How long a charge lasts.",
        "Battery life, charging",
        "7:58: task.labels.charging",
        ["unquoted comma", '"Battery life, charging"'],
    ),
    "no space after colon": (
        "{model: local/tiny}",
        "{model:local/tiny}",
        "9:13: annotator.model:local/tiny",
        ["space after the colon"],
    ),
    "template in a value": ("Which topic?", "{{ question }}", "5:14: task.question", ["key must be a text"]),
    "second document": ("data: {", "---\ndata: {", "8:1", ["second document"]),
    "anchor outside x": (
        "{model: local/tiny}",
        "&a {model: local/tiny}",
        "9:12: annotator",
        ["'&a'", "x-shared"],
    ),
    "alias of nothing": ("{model: local/tiny}", "*common", "9:12", ["'*common'", "anchor"]),
    "fraction for a share": ("12%", "0.12", "11:19: budget.reviews", ["'0.12'", "12%"]),
    "share above the whole": ("12%", "120%", "11:19: budget.reviews", ["120%", "100%"]),
    "audit of everything": (
        "rule: {",
        "audit: 100%, rule: {",
        "11:31: budget.audit",
        ["100%", "leaves the rule nothing"],
    ),
    "labels as one word": (
        "{price: What it costs., battery: How long a charge lasts.}",
        "yes",
        "7:11: task.labels",
        ["'yes' is not a list of labels"],
    ),
    "labels without brackets": (
        "{price: What it costs., battery: How long a charge lasts.}",
        "yes, no",
        "7:11: task.labels",
        ["[yes, no]"],
    ),
    "one label": (
        "{price: What it costs., battery: How long a charge lasts.}",
        "[price]",
        "task",
        ["at least two labels"],
    ),
    "labels that look alike": (
        "battery: How",
        "Price: How",
        "7:42: task.labels.Price",
        ["'price' and 'Price'", "only in case"],
    ),
    "a key indented below another": (
        "  question",
        "    question",
        "5:5",
        ["'question' is indented below 'kind'", "as far as 'kind'"],
    ),
    "labels in two scripts": (
        "battery: How",
        "pri\u0441e: How",
        "7:42: task.labels.pri\u0441e",
        ["look alike", "cyrillic small letter es", "rename one"],
    ),
    "label twice in a list": (
        "{price: What it costs., battery: How long a charge lasts.}",
        "[a, b, a]",
        "7:18: task.labels",
        ["'a' stands twice"],
    ),
    "labels as a list of mappings": (
        "{price: What it costs., battery: How long a charge lasts.}",
        "[{a: x}, {b: y}]",
        "7:12: task.labels",
        ["names alone", "without dashes"],
    ),
    "none that is no label": (
        "  question",
        "  none: other\n  question",
        "5:9: task.none",
        ["'other'", "price, battery"],
    ),
    "gold map to no label": (
        "gold: label",
        "gold: {column: label, map: {1: price, 2: batery}}",
        "8:102: data.gold.map.2",
        ["'batery'", "mean 'battery'"],
    ),
    "gold among what is shown": (
        "gold: label",
        "gold: title",
        "8:47: data.show",
        ["the column 'title' is the gold"],
    ),
    "simulated without gold": (
        ", gold: label}",
        "}\nreview: {simulate: gold}",
        "9:20: review.simulate",
        ["data.gold is not given"],
    ),
    "url for a host": (
        "gold: label",
        "send_to: [https://api.openai.com/v1]",
        "8:71: data.send_to",
        ["not the name of a host", "api.openai.com."],
    ),
    "text for a list": ("gold: label", "send_to: localhost", "8:70: data.send_to", ["expected a list"]),
    "text for columns": ("[title, body]", "title", "8:46: data.show", ["Write [title]"]),
    "modality that is not shown": (
        "  question",
        "  modality: xray\n  question",
        "5:13: task.modality",
        ["'xray' does not agree", "text"],
    ),
    "misspelt modality": (
        "[title, body]",
        "{scan: {txt: title}}",
        "8:54: data.show.scan.txt",
        ["'txt' is not a modality"],
    ),
    "model missing": (
        "{model: local/tiny}",
        "{strategy: cot}",
        "9:1: annotator.model",
        ["'cot' asks a model"],
    ),
    "model for a column": (
        "{model: local/tiny}",
        "{column: stage, model: local/tiny}",
        "9:35: annotator.model",
        ["'column' takes what is recorded", "Leave out 'model'"],
    ),
    "column and strategy": (
        "{model: local/tiny}",
        "{column: stage, strategy: cot}",
        "9:13: annotator.column",
        ["'column' and 'strategy'"],
    ),
    "annotator as a text": (
        "{model: local/tiny}",
        "local/tiny",
        "9:12: annotator",
        ["expected a mapping", "{model: local/tiny}"],
    ),
    "word for a number": (
        "{model: local/tiny}",
        "{model: local/tiny, max_tokens: many}",
        "9:44: annotator.max_tokens",
        ["'many' is not a whole number"],
    ),
    "number out of range": (
        "{model: local/tiny}",
        "{model: local/tiny, temperature: 3}",
        "9:45: annotator.temperature",
        ["'3'", "at most 2"],
    ),
    "infinite parameter": ("beta: 20", "beta: .inf", "11:56: budget.rule.beta", ["'.inf' is not a number"]),
    "not a number as parameter": ("beta: 20", "beta: nan", "11:56: budget.rule.beta", ["not a number"]),
    "key in its own field": (
        "{model: local/tiny}",
        "{model: local/tiny, api_key: abc}",
        "9:32: annotator.api_key",
        ["api_key_env"],
    ),
    "rule at the top": ("name: topics", "name: topics\nrule: sqrt", "3:1: rule", ["belongs under 'budget'"]),
    "name of a run folder": ("name: topics", "name: My Topics", "2:7: name", ["'My Topics'", "a-z"]),
    "name that is too long": ("name: topics", f"name: {'t' * 101}", "2:7: name", ["longer than 100"]),
    "unknown advice": (
        "name: topics",
        "name: topics\nsilence: [no-adit]",
        "3:11: silence",
        ["'no-adit'", "mean 'no-audit'"],
    ),
    "later language": ("act: 1", "act: 2", "1:6: act", ["at most 1"]),
    "value left out": ("gold: label", "where: {lang: }", "8:74: data.where.lang", ["a key and no value"]),
    "missing section": ("data: {", "x-data: {", "data", ["'data' is missing"]),
    "address without scheme": (
        "{model: local/tiny}",
        "{model: local/tiny, api_base: localhost}",
        "9:42: annotator.api_base",
        ["http://"],
    ),
    "lookup without its column": (
        "strategy: cot",
        "strategy: {name: recorded}",
        "judge.strategy.as",
        ["'as' is missing"],
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_recipe_is_named_where_it_breaks(good, faults, old, new, place, words):
    assert old in good

    found = faults(good.replace(old, new, 1))

    assert len(found) == 1, [str(problem) for problem in found]
    assert place in str(found[0])
    assert not place[0].isdigit() or str(found[0]).startswith(f"r.act.yaml:{place}:")
    for word in words:
        assert word in str(found[0])


def test_three_faults_are_three_problems_in_order_of_place(good, faults):
    broken = good.replace("model: local/tiny", "modl: local/tiny").replace("12%", "0.12")
    broken = broken.replace("gold: label", "gold: {column: label, map: {1: pric}}")

    found = faults(broken)

    assert [problem.path for problem in found] == [
        "data.gold.map.1",
        "annotator.modl",
        "budget.reviews",
    ]


def test_a_fault_of_the_yaml_hides_no_fault_elsewhere(good, faults):
    broken = good.replace("Which topic?", "@topic").replace("12%", "0.12").replace("beta", "bta")

    found = faults(broken)

    assert [problem.line for problem in found] == [5, 11, 11]
    assert "begin with '@'" in found[0].message


def test_what_stands_below_an_unclosed_bracket_is_not_guessed_at(good, faults):
    broken = good.replace("name: topics", "nmae: topics").replace("[title, body]", "[title, body")

    found = faults(broken)

    assert ["never closed" in problem.message for problem in found] == [True]


def test_a_misspelt_key_is_not_missed_as_well(good, faults):
    found = faults(good.replace("source:", "sorce:"))

    assert [problem.path for problem in found] == ["data.sorce"]


def test_missing_keys_say_what_they_are_for(good, faults):
    found = faults(good.replace("source: items.csv, ", "").replace("show: [title, body], ", ""))

    assert [problem.path for problem in found] == ["data.show", "data.source"]
    assert "Parquet, CSV or JSON lines" in found[1].hint


@pytest.mark.parametrize("text", ["", "# nothing\n", "just a text\n", "- a\n- b\n", "{}\n", "null\n"])
def test_what_is_no_mapping_is_no_recipe(faults, text):
    found = faults(text)

    assert found
    assert all(problem.line == 1 for problem in found)
