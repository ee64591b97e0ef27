from typing import Any

import click
import duckdb
import pytest
from click.testing import CliRunner
from media_files import png, write

from act_spec.errors import RecipeError
from act_spec.plan.compile import compile_plan
from act_spec.recipe.load import load_recipe
from act_spec.starter.begin import begin

ROWS = "id;text;label\n1;One text here.;pos\n2;Another text, too.;neg\n3;A third one.;pos\n"


def compiled(folder, **options):
    made = begin(folder, **options)
    loaded = load_recipe(made.recipe)
    return loaded.recipe, compile_plan(loaded), made.notes


def labels_of(recipe):
    return [definition.name for definition in recipe.task.definitions]


def answering(folder, data, answers, labels=None):
    """What `begin` makes when somebody types these lines."""

    @click.command()
    def command():
        begin(folder, data, labels, ask=True)

    return CliRunner().invoke(command, input="\n".join(answers) + "\n", catch_exceptions=False)


@pytest.mark.parametrize("name", ["rows.csv", "rows.tsv", "rows.jsonl", "rows.parquet"])
def test_a_recipe_from_any_format_compiles(name, tmp_path, write_rows):
    data = tmp_path / name
    rows = ROWS.replace(";", "\t" if name == "rows.tsv" else ";")
    if data.suffix in {".csv", ".tsv"}:
        data.write_text(rows, encoding="utf-8")
    elif data.suffix == ".jsonl":
        write_rows(
            data, {"id": ["1", "2", "3"], "text": ["a b", "c d", "e f"], "label": ["pos", "neg", "pos"]}
        )
    else:
        (tmp_path / "all.csv").write_text(ROWS, encoding="utf-8")
        duckdb.sql(f"COPY (FROM read_csv('{tmp_path / 'all.csv'}')) TO '{data}'")

    recipe, plan, notes = compiled(tmp_path / "my-task", data=data)

    assert plan.data.items == 3
    assert recipe.data.source == f"../{name}"
    assert (recipe.data.id, list(recipe.data.show), recipe.data.gold.column) == ("id", ["text"], "label")
    assert labels_of(recipe) == ["neg", "pos"]
    assert notes == ()


def test_without_data_a_sample_lies_beside_the_recipe(tmp_path):
    recipe, plan, _ = compiled(tmp_path / "mine")

    assert plan.data.items == 5
    assert (tmp_path / "mine" / recipe.data.source).is_file()


def test_a_glob_and_a_name_that_looks_like_one_are_both_found(tmp_path):
    (tmp_path / "part [1].csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "part 2.csv").write_text("id;text;label\n7;Some more text.;pos\n", encoding="utf-8")

    _, one, _ = compiled(tmp_path / "one", data=tmp_path / "part [1].csv")
    _, both, _ = compiled(tmp_path / "both", data=tmp_path / "part*.csv")

    assert (one.data.items, both.data.items) == (3, 4)


def test_data_are_found_from_a_folder_behind_a_link(tmp_path):
    (tmp_path / "deep" / "down").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "deep" / "down")
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")

    _, plan, _ = compiled(tmp_path / "link" / "mine", data=tmp_path / "rows.csv")

    assert plan.data.items == 3


def test_awkward_columns_and_labels_survive(tmp_path, write_rows):
    names = ["a: b", "*x", 'say "hi"', "null", "two\nlines", "ключ, 1"]
    texts = ["some text of words", "other text of words", "more text of words"]
    data = write_rows(
        tmp_path / "rows.jsonl", dict.fromkeys(names, texts) | {"class: #": ["yes", "%1", "yes"]}
    )

    recipe, plan, _ = compiled(tmp_path / "mine", data=data)

    assert list(recipe.data.show) == names[:5]
    assert recipe.data.gold.column == "class: #"
    assert labels_of(recipe) == ["%1", "yes"]
    assert plan.data.items == 3


def test_a_single_column_of_text_is_enough(tmp_path):
    (tmp_path / "rows.csv").write_text("text\nOne text.\nTwo texts.\n", encoding="utf-8")

    recipe, plan, _ = compiled(tmp_path / "mine", data=tmp_path / "rows.csv", labels="a,b")

    assert recipe.data.id is None
    assert plan.data.items == 2


def test_the_user_hears_what_was_not_taken(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")
    (tmp_path / "bare.csv").write_text("id,text\n1,Some text.\n2,More text.\n", encoding="utf-8")

    recipe, _, notes = compiled(tmp_path / "Good Bad", data=tmp_path / "rows.csv", labels="good,bad")
    _, _, placeholders = compiled(tmp_path / "other", data=tmp_path / "bare.csv")

    assert recipe.data.gold is None
    assert "named 'good-bad'" in notes[0]
    assert "'label' is not used as gold" in notes[1]
    assert "use --label" in placeholders[0]


@pytest.mark.parametrize(
    ("content", "labels", "said"),
    [
        (None, None, r"rows\.csv: there is no such file\."),
        ("id,text\n", None, r"there are no rows\."),
        ("id,price\n1,2\n", None, r"no column holds text or files to label\."),
        ("id|text\n1|a b\n", None, "columns cannot be told apart"),
        (ROWS, "only", "--label: a classification needs at least two labels"),
        (ROWS, "a,A", "--label: the labels 'a' and 'A' differ only in case"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_leaves_nothing(tmp_path, content, labels, said):
    data = tmp_path / "rows.csv"
    if content is not None:
        data.write_text(content, encoding="utf-8")

    with pytest.raises(RecipeError, match=said) as caught:
        begin(tmp_path / "mine", data, labels)

    assert len(caught.value.problems) == 1
    assert not (tmp_path / "mine").exists()


def test_a_recipe_is_never_overwritten(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.act.yaml").write_text("mine", encoding="utf-8")

    with pytest.raises(RecipeError, match="there already"):
        begin(tmp_path / "mine")

    assert (tmp_path / "mine" / "mine.act.yaml").read_text(encoding="utf-8") == "mine"
    assert len(list((tmp_path / "mine").iterdir())) == 1


def test_a_label_with_the_shape_of_a_key_is_refused_without_repeating_it(tmp_path):
    key = "sk-" + "a1" * 12

    with pytest.raises(RecipeError, match="access key") as caught:
        begin(tmp_path / "mine", labels=f"{key},b")

    assert key not in str(caught.value)
    assert not (tmp_path / "mine").exists()


def test_five_answers_make_the_recipe(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")

    asked = answering(
        tmp_path / "mine", tmp_path / "rows.csv", ["review", "text", "Good or bad?", "good, bad", "2"]
    )

    recipe: Any = load_recipe(tmp_path / "mine" / "mine.act.yaml").recipe
    assert asked.stdout == ""
    assert asked.stderr.count("\n") == 5
    assert recipe.task.question == "Good or bad?"
    assert labels_of(recipe) == ["good", "bad"]
    assert str(recipe.budget.reviews) == "2"
    assert recipe.data.gold is None


def test_empty_answers_take_the_proposals_and_given_labels_are_not_asked_for(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")

    asked = answering(tmp_path / "mine", tmp_path / "rows.csv", [""] * 4, labels="neg,pos")

    recipe: Any = load_recipe(tmp_path / "mine" / "mine.act.yaml").recipe
    assert "labels are there" not in asked.stderr
    assert recipe.task.question == "Which of these labels fits the text best?"
    assert recipe.data.gold.column == "label"
    assert str(recipe.budget.reviews) == "10%"


def test_a_wrong_answer_is_asked_again_and_stopping_writes_nothing(tmp_path):
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")

    asked = answering(tmp_path / "mine", tmp_path / "rows.csv", ["review", "txet"])

    assert "Did you mean 'text'?" in asked.stderr
    assert asked.exit_code == 1
    assert not (tmp_path / "mine").exists()


def test_a_folder_of_pictures_becomes_a_recipe_that_can_be_planned(tmp_path):
    write(tmp_path / "photos", {"cats/1.png": png("red"), "dogs/2.png": png("blue"), "notes.txt": b"no"})
    made = begin(tmp_path / "mine", data=tmp_path / "photos", labels="cat,dog").recipe

    recipe = load_recipe(made).recipe
    assert (recipe.data.source, recipe.data.id) == ("../photos", "file")
    assert recipe.data.show["file"].type == "image"
    assert compile_plan(load_recipe(made)).data.media.files == 2


def test_columns_that_name_pictures_are_shown_as_pictures_beside_the_text(tmp_path):
    write(tmp_path, {"data/a.png": png(), "data/b.png": png("blue")})
    rows = "id,scan,report\n1,a.png,Nothing of note is seen here.\n2,b.png,A shadow on the left side.\n"
    (tmp_path / "data" / "scans.csv").write_text(rows, encoding="utf-8")
    made = begin(tmp_path / "mine", data=tmp_path / "data" / "scans.csv", labels="yes,no").recipe

    plan = compile_plan(load_recipe(made))
    shown = {name: (field.type, field.root) for name, field in plan.data.show.items()}
    assert shown == {"scan": ("image", None), "report": ("text", None)}
    assert (plan.data.media.files, plan.data.media.unusable) == (2, 0)
