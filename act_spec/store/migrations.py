"""
The tables, as a list of steps; each is applied once and counted in `meta`.

What a run produced lies in the schema `history`, every row under the key of
the stage that made it, so that an edited recipe adds rows and overwrites
none. The names that people query are views of the current plan's rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from act_spec.errors import StoreError

Run = Callable[..., None]
Rows = Callable[..., Sequence[tuple[Any, ...]]]

_TABLES = """
CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE SCHEMA history;

CREATE TABLE history.plans (
    plan_hash VARCHAR PRIMARY KEY, plan JSON NOT NULL, made_at TIMESTAMP NOT NULL);
CREATE TABLE history.current_keys (stage VARCHAR PRIMARY KEY, stage_key VARCHAR NOT NULL);

CREATE TABLE media (sha256 VARCHAR PRIMARY KEY, mime VARCHAR NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE history.items (
    stage_key VARCHAR NOT NULL, position BIGINT NOT NULL, item_id VARCHAR NOT NULL,
    content JSON NOT NULL, gold VARCHAR, group_id VARCHAR, recorded JSON);

CREATE TABLE calls (
    call_key VARCHAR PRIMARY KEY, stage VARCHAR NOT NULL, round INTEGER NOT NULL, item_id VARCHAR NOT NULL,
    model VARCHAR NOT NULL, answered_model VARCHAR, fingerprint VARCHAR, prompt_sha256 VARCHAR NOT NULL,
    response VARCHAR, tokens JSON, prompt_tokens BIGINT, completion_tokens BIGINT, cost_usd DOUBLE, possible_usd DOUBLE NOT NULL,
    latency_s DOUBLE, attempts INTEGER NOT NULL, status VARCHAR NOT NULL, reason VARCHAR,
    finished_at TIMESTAMP NOT NULL);

CREATE TABLE history.votes (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, round INTEGER NOT NULL, annotator VARCHAR NOT NULL,
    member VARCHAR NOT NULL, sample INTEGER NOT NULL, label VARCHAR, confidence DOUBLE, call_key VARCHAR,
    PRIMARY KEY (stage_key, item_id, round, member, sample));
CREATE TABLE history.annotations (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, round INTEGER NOT NULL, annotator VARCHAR NOT NULL,
    label VARCHAR, confidence DOUBLE, rationale VARCHAR, status VARCHAR NOT NULL,
    PRIMARY KEY (stage_key, item_id, round));
CREATE TABLE history.judgments (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, round INTEGER NOT NULL, judge VARCHAR NOT NULL,
    error_probability DOUBLE, suggested_label VARCHAR, rationale VARCHAR, status VARCHAR NOT NULL, units JSON,
    PRIMARY KEY (stage_key, item_id, round));
CREATE TABLE history.allocations (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, round INTEGER NOT NULL, rule VARCHAR NOT NULL,
    inclusion_probability DOUBLE NOT NULL, selected BOOLEAN NOT NULL, reason VARCHAR,
    worklist_position BIGINT);
CREATE TABLE history.round_shares (
    stage_key VARCHAR NOT NULL, round INTEGER NOT NULL, population BIGINT NOT NULL, size BIGINT NOT NULL,
    share DOUBLE NOT NULL, later_shares DOUBLE NOT NULL, drawn_at TIMESTAMP NOT NULL);
CREATE TABLE history.reviews (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, round INTEGER NOT NULL, reviewer VARCHAR NOT NULL,
    label VARCHAR, outcome VARCHAR NOT NULL, seconds DOUBLE, note VARCHAR, guideline_version VARCHAR,
    channel VARCHAR NOT NULL, revision INTEGER NOT NULL, reviewed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (stage_key, item_id, reviewer, revision));
CREATE TABLE history.pilots (
    stage_key VARCHAR NOT NULL, position INTEGER NOT NULL, name VARCHAR NOT NULL, judge_key VARCHAR NOT NULL,
    gain DOUBLE, gain_low DOUBLE, gain_high DOUBLE, behind DOUBLE, behind_low DOUBLE, behind_high DOUBLE,
    used BOOLEAN NOT NULL, told_apart BOOLEAN NOT NULL, beats_chance BOOLEAN NOT NULL,
    reviewed BIGINT NOT NULL, machine_right BIGINT NOT NULL, accuracy_bound DOUBLE NOT NULL);
CREATE TABLE history.metrics (
    stage_key VARCHAR NOT NULL, position INTEGER NOT NULL, name VARCHAR NOT NULL, value DOUBLE, low DOUBLE,
    high DOUBLE, note VARCHAR);
CREATE TABLE history.guidelines (
    version INTEGER PRIMARY KEY, sha256 VARCHAR NOT NULL, text VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL);
"""

_VIEWS = """
CREATE VIEW items AS
SELECT item_id, content, gold, group_id
FROM history.items JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'data';

CREATE VIEW votes AS
SELECT item_id, round, annotator, member, sample, label, confidence, call_key
FROM history.votes JOIN history.current_keys k USING (stage_key) SEMI JOIN items USING (item_id)
WHERE k.stage = 'annotate';

CREATE VIEW annotations AS
SELECT item_id, round, annotator, label, confidence, rationale, status
FROM history.annotations JOIN history.current_keys k USING (stage_key) SEMI JOIN items USING (item_id)
WHERE k.stage = 'annotate';

CREATE VIEW judgments AS
SELECT item_id, round, judge, error_probability, suggested_label, rationale, status, units
FROM history.judgments JOIN history.current_keys k USING (stage_key) SEMI JOIN items USING (item_id)
WHERE k.stage = 'judge';

CREATE VIEW allocations AS
SELECT item_id, round, rule, inclusion_probability, selected, reason
FROM history.allocations JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'allocate';

CREATE VIEW reviews AS
SELECT item_id, round, reviewer, label, outcome, seconds, note, guideline_version, channel, revision,
    reviewed_at
FROM history.reviews JOIN history.current_keys k USING (stage_key) SEMI JOIN items USING (item_id)
WHERE k.stage = 'review';

CREATE VIEW pilots AS
SELECT name, gain, gain_low, gain_high, behind, behind_low, behind_high, used, told_apart, beats_chance,
    reviewed, machine_right, accuracy_bound
FROM history.pilots JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'allocate' ORDER BY position;

CREATE VIEW metrics AS
SELECT name, value, low, high, note
FROM history.metrics JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'measure'
ORDER BY position;

-- In a view of this schema a plain name means the table of all plans; main. is the current one's.
-- The latest word of each reviewer; of several reviewers the last one's counts.
CREATE VIEW history.human_labels AS
SELECT item_id, arg_max(label, (reviewed_at, revision, reviewer)) AS label
FROM (
    SELECT item_id, reviewer, arg_max(label, revision) AS label, arg_max(outcome, revision) AS outcome,
        max(reviewed_at) AS reviewed_at, max(revision) AS revision
    FROM main.reviews GROUP BY item_id, reviewer)
WHERE outcome IN ('keep', 'change')
GROUP BY item_id;

-- Each item's draw: the round that took it, else the last round.
CREATE VIEW history.draws AS
SELECT item_id, bool_or(selected) AS selected,
    coalesce(max(round) FILTER (WHERE selected), max(round)) AS round,
    coalesce(max(inclusion_probability) FILTER (WHERE selected),
        arg_max(inclusion_probability, round)) AS inclusion_probability
FROM main.allocations GROUP BY item_id;

-- How many of a round's drawn items have an answer. An answered random part m of n has exactly pi * m / n.
CREATE VIEW history.responses AS
SELECT round, count(*) AS drawn, count(h.item_id) AS answered
FROM history.draws d LEFT JOIN history.human_labels h USING (item_id)
WHERE selected GROUP BY round;

CREATE VIEW history.weights AS
SELECT d.item_id, s.share * r.drawn / r.answered / d.inclusion_probability + s.later_shares AS sampling_weight
FROM history.draws d
JOIN history.human_labels USING (item_id)
JOIN history.responses r USING (round)
JOIN history.round_shares s USING (round)
JOIN history.current_keys k ON s.stage_key = k.stage_key AND k.stage = 'allocate'
WHERE d.selected;

CREATE VIEW labels AS
SELECT i.item_id,
    coalesce(h.label, a.label) AS label,
    CASE WHEN h.label IS NOT NULL THEN 'human' WHEN a.label IS NOT NULL THEN 'machine' END AS source,
    a.label AS machine_label,
    h.label AS human_label,
    j.error_probability,
    d.inclusion_probability,
    coalesce(d.selected, false) AS selected,
    d.round,
    CASE WHEN d.item_id IS NOT NULL THEN coalesce(w.sampling_weight, 0) END AS sampling_weight,
    CASE WHEN d.item_id IS NOT NULL THEN least(coalesce(w.sampling_weight, 0),
        (SELECT value::DOUBLE FROM meta WHERE key = 'max_weight')) END AS loss_weight
FROM items i
LEFT JOIN annotations a USING (item_id)
LEFT JOIN judgments j USING (item_id)
LEFT JOIN history.draws d USING (item_id)
LEFT JOIN history.human_labels h USING (item_id)
LEFT JOIN history.weights w USING (item_id);
"""

_TRAINING = """
CREATE TABLE history.training (
    training_key VARCHAR NOT NULL, plan_hash VARCHAR NOT NULL, arm VARCHAR NOT NULL, reviews BIGINT,
    seed INTEGER NOT NULL, epochs INTEGER NOT NULL, score DOUBLE, scores DOUBLE[] NOT NULL,
    trained_at TIMESTAMP NOT NULL);

-- Trained models of the current plan: which labels they learnt from, and their mean score on the test items.
CREATE VIEW training AS
SELECT arm, reviews, seed, epochs, score
FROM history.training t JOIN history.current_keys k ON k.stage = 'train' AND t.training_key = k.stage_key
JOIN meta m ON m.key = 'plan_hash' AND m.value = t.plan_hash;

-- The signed target as rows: a corrected item stands twice, its weights sum to 1, one may be negative.
CREATE VIEW training_rows AS
SELECT item_id, label, sum(weight) AS weight
FROM (
    SELECT item_id, machine_label AS label, 1 - loss_weight AS weight FROM labels
    UNION ALL
    SELECT item_id, human_label, loss_weight FROM labels WHERE human_label IS NOT NULL)
WHERE label IS NOT NULL
GROUP BY item_id, label HAVING sum(weight) IS DISTINCT FROM 0
ORDER BY item_id, label;
"""

_ADJUDICATION = """
CREATE TABLE history.adjudicated (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, label VARCHAR, outcome VARCHAR NOT NULL,
    method VARCHAR NOT NULL, confidence DOUBLE, shares JSON, answers BIGINT NOT NULL,
    PRIMARY KEY (stage_key, item_id));

-- What several answers to an item amount to. A row counts until one of them is revised or another comes in.
CREATE VIEW adjudicated AS
SELECT item_id, label, outcome, method, confidence, shares
FROM history.adjudicated a JOIN history.current_keys k USING (stage_key)
SEMI JOIN (SELECT item_id, count(*) AS answers FROM reviews GROUP BY item_id) r USING (item_id, answers)
WHERE k.stage = 'review';

-- The settled answer where there is one; else the latest word of each reviewer, of several the last one's.
CREATE OR REPLACE VIEW history.human_labels AS
SELECT item_id, label FROM main.adjudicated WHERE outcome = 'settled'
UNION ALL
SELECT item_id, arg_max(label, (reviewed_at, revision, reviewer)) AS label
FROM (
    SELECT item_id, reviewer, arg_max(label, revision) AS label, arg_max(outcome, revision) AS outcome,
        max(reviewed_at) AS reviewed_at, max(revision) AS revision
    FROM main.reviews GROUP BY item_id, reviewer)
ANTI JOIN main.adjudicated USING (item_id)
WHERE outcome IN ('keep', 'change')
GROUP BY item_id;
"""

_REPAIRS = """
ALTER TABLE history.annotations ADD COLUMN repairs JSON;

CREATE OR REPLACE VIEW annotations AS
SELECT item_id, round, annotator, label, confidence, rationale, status, repairs
FROM history.annotations JOIN history.current_keys k USING (stage_key) SEMI JOIN items USING (item_id)
WHERE k.stage = 'annotate';
"""

_COMPARISON = """
CREATE TABLE history.trainings (
    training_key VARCHAR PRIMARY KEY, plan_hash VARCHAR NOT NULL, learner VARCHAR NOT NULL, reads VARCHAR NOT NULL,
    loss VARCHAR NOT NULL, against VARCHAR NOT NULL, tested BIGINT NOT NULL, curve VARCHAR NOT NULL,
    trained_at TIMESTAMP NOT NULL);
CREATE TABLE history.training_differences (
    training_key VARCHAR NOT NULL, of_arm VARCHAR NOT NULL, of_reviews BIGINT, than_arm VARCHAR NOT NULL,
    than_reviews BIGINT, value DOUBLE NOT NULL, low DOUBLE, high DOUBLE);

-- How much better one arm of the current plan's training does than another, paired, with 95% intervals.
CREATE VIEW training_differences AS
SELECT of_arm, of_reviews, than_arm, than_reviews, d.value AS value, low, high
FROM history.training_differences d JOIN history.trainings t USING (training_key)
JOIN history.current_keys k ON k.stage = 'train' AND training_key = k.stage_key
JOIN meta m ON m.key = 'plan_hash' AND m.value = t.plan_hash;
"""


_MEDIA = """
-- What a file came to, by the hash of its bytes and how it was prepared: sizes and hashes of `media`, or a fault.
CREATE TABLE history.prepared (prepared_key VARCHAR PRIMARY KEY, shown JSON NOT NULL);
"""

_GUIDELINES = """
ALTER TABLE history.guidelines ADD COLUMN card VARCHAR;
ALTER TABLE history.guidelines ADD COLUMN snapshot JSON;

-- Every version of what reviewers read, word for word; `reviews.guideline_version` names them.
CREATE VIEW guidelines AS SELECT version, made_at, text, card FROM history.guidelines ORDER BY version;
"""

_AMBIGUOUS = """
-- Items of which people say that no single label is right: as their answers settle, else as the last one says.
CREATE VIEW history.ambiguous AS
SELECT item_id FROM main.adjudicated WHERE outcome = 'ambiguous'
UNION ALL
SELECT item_id
FROM (SELECT item_id, arg_max(outcome, (reviewed_at, revision, reviewer)) AS outcome
    FROM main.reviews WHERE outcome <> 'skip' GROUP BY item_id)
ANTI JOIN main.adjudicated USING (item_id)
WHERE outcome = 'ambiguous';
"""

_RULES = """
-- Which pairs of labels a model was asked to draft rules for, and how that ended.
CREATE TABLE history.disputes (
    stage_key VARCHAR NOT NULL, label VARCHAR NOT NULL, other VARCHAR NOT NULL, status VARCHAR NOT NULL,
    PRIMARY KEY (stage_key, label, other));
CREATE TABLE history.rule_drafts (
    number INTEGER PRIMARY KEY, stage_key VARCHAR NOT NULL, label VARCHAR NOT NULL, other VARCHAR NOT NULL,
    text VARCHAR NOT NULL, writer VARCHAR NOT NULL, drafted_at TIMESTAMP NOT NULL);
CREATE TABLE history.rule_decisions (
    number INTEGER NOT NULL, decision VARCHAR NOT NULL, decided_by VARCHAR NOT NULL, decided_at TIMESTAMP NOT NULL);

-- Rules that a model drafted, and the last word of a person on each; no decision: not in force.
CREATE VIEW guideline_rules AS
SELECT number, label, other, text, writer, drafted_at, decision, decided_by, decided_at
FROM history.rule_drafts
LEFT JOIN (SELECT number, arg_max(decision, decided_at) AS decision, arg_max(decided_by, decided_at) AS decided_by,
        max(decided_at) AS decided_at
    FROM history.rule_decisions GROUP BY number) USING (number)
ORDER BY number;
"""

_MATRIX = """
CREATE TABLE history.cells (
    plan_hash VARCHAR PRIMARY KEY, position BIGINT NOT NULL, setting JSON NOT NULL, repeat JSON NOT NULL,
    measure_key VARCHAR NOT NULL, finished_at TIMESTAMP NOT NULL);

-- Every figure of every run of the recipe's matrix.
CREATE VIEW matrix AS
SELECT c.position AS run, c.setting, c.repeat, m.name, m.value, m.low, m.high, m.note, c.plan_hash
FROM history.cells c JOIN history.metrics m ON m.stage_key = c.measure_key
ORDER BY c.position, m.position;
"""

_SOFT = """
-- What part of people's answers gave an item which label: settled shares where a method made them, else the
-- latest answers, each counting alike.
CREATE VIEW soft_labels AS
WITH given AS (
    SELECT item_id, arg_max_null(label, revision) AS label, arg_max(outcome, revision) AS outcome
    FROM reviews GROUP BY item_id, reviewer),
settled AS (
    SELECT item_id, unnest(map_entries(shares::MAP(VARCHAR, DOUBLE))) AS entry, method
    FROM adjudicated WHERE shares IS NOT NULL)
SELECT item_id, entry.key AS label, entry.value AS share, method AS basis FROM settled
UNION ALL
SELECT item_id, label, count(*) / sum(count(*)) OVER (PARTITION BY item_id) AS share, 'answers' AS basis
FROM given ANTI JOIN (SELECT item_id FROM adjudicated WHERE shares IS NOT NULL) USING (item_id)
WHERE outcome IN ('keep', 'change') AND label IS NOT NULL
GROUP BY item_id, label;
"""

_BATCHES = """
-- What was handed to providers as batches; a row stands here before anything is sent.
CREATE TABLE history.batches (
    name VARCHAR PRIMARY KEY, batch_id VARCHAR, stage_key VARCHAR NOT NULL, stage VARCHAR NOT NULL, round INTEGER NOT NULL,
    model VARCHAR NOT NULL, api_base VARCHAR, requests BIGINT NOT NULL, bytes BIGINT NOT NULL, most_usd DOUBLE NOT NULL,
    state VARCHAR NOT NULL, prepared_at TIMESTAMP NOT NULL, ended_at TIMESTAMP);
-- Its requests; outcome is the status of the reply, 'none' where the batch brought none, NULL while it is out.
CREATE TABLE history.batch_requests (
    name VARCHAR NOT NULL, call_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, prompt_sha256 VARCHAR NOT NULL,
    reply_schema JSON NOT NULL, outcome VARCHAR);
-- When the replies of a stage's batches are wanted; gone when the stage is through.
CREATE TABLE history.deadlines (
    stage_key VARCHAR PRIMARY KEY, written VARCHAR NOT NULL, due_at TIMESTAMP NOT NULL);

CREATE VIEW batches AS
SELECT name, batch_id, stage, round, model, requests, most_usd, state, prepared_at, ended_at
FROM history.batches ORDER BY prepared_at;
"""

_ROUNDS = """
-- What rounds chose, and for whom: one row an item that is labelled.
CREATE TABLE history.selections (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, round INTEGER NOT NULL, source VARCHAR NOT NULL,
    place BIGINT NOT NULL, expected VARCHAR, PRIMARY KEY (stage_key, item_id));
CREATE VIEW selections AS
SELECT item_id, round, source, place, expected
FROM history.selections JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'allocate';

-- What the student of each round is worth on items whose answers are known.
CREATE TABLE history.rounds (
    stage_key VARCHAR NOT NULL, round INTEGER NOT NULL, learnt BIGINT NOT NULL, tested BIGINT NOT NULL,
    score DOUBLE, low DOUBLE, high DOUBLE, note VARCHAR, finished_at TIMESTAMP NOT NULL,
    PRIMARY KEY (stage_key, round));

-- Right answers of an item with all fields and without some; no model behind an interface gives attention.
CREATE TABLE history.trials (
    stage_key VARCHAR NOT NULL, item_id VARCHAR NOT NULL, with_fields BOOLEAN NOT NULL, sample INTEGER NOT NULL,
    label VARCHAR, status VARCHAR NOT NULL, attention DOUBLE,
    PRIMARY KEY (stage_key, item_id, with_fields, sample));
CREATE VIEW trials AS
SELECT item_id, with_fields, sample, label, status, attention
FROM history.trials JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'allocate';

-- In rounds each label of a person counts once in training. A weight stands beside it only where the rounds
-- are a random sample of all items: what a selector chooses has no probability but 1 and 0.
CREATE OR REPLACE VIEW labels AS
SELECT i.item_id,
    coalesce(h.label, a.label) AS label,
    CASE WHEN h.label IS NOT NULL THEN 'human' WHEN a.label IS NOT NULL THEN 'machine' END AS source,
    a.label AS machine_label,
    h.label AS human_label,
    j.error_probability,
    d.inclusion_probability,
    coalesce(d.selected, false) AS selected,
    d.round,
    CASE WHEN d.item_id IS NOT NULL AND m.design IS DISTINCT FROM 'chosen'
        THEN coalesce(w.sampling_weight, 0) END AS sampling_weight,
    CASE WHEN m.design IS NOT NULL AND m.design <> '' THEN (h.label IS NOT NULL)::INTEGER::DOUBLE
        WHEN d.item_id IS NOT NULL THEN least(coalesce(w.sampling_weight, 0), m.max_weight) END AS loss_weight
FROM items i
CROSS JOIN (SELECT
    (SELECT value::DOUBLE FROM meta WHERE key = 'max_weight') AS max_weight,
    (SELECT value FROM meta WHERE key = 'design') AS design) m
LEFT JOIN annotations a USING (item_id)
LEFT JOIN judgments j USING (item_id)
LEFT JOIN history.draws d USING (item_id)
LEFT JOIN history.human_labels h USING (item_id)
LEFT JOIN history.weights w USING (item_id);
"""

_BLIND_SPOTS = """
-- Errors that the machine was sure of, as they cluster; `shown` are the items that a teacher sees. Rows are only added.
CREATE TABLE history.blind_spots (
    stage_key VARCHAR NOT NULL, number INTEGER PRIMARY KEY, machine_label VARCHAR NOT NULL, human_label VARCHAR NOT NULL,
    items VARCHAR[] NOT NULL, shown VARCHAR[] NOT NULL, found_at TIMESTAMP NOT NULL);
CREATE TABLE history.patterns (
    spot INTEGER NOT NULL, pattern VARCHAR NOT NULL, teacher VARCHAR NOT NULL, stated_at TIMESTAMP NOT NULL);
CREATE TABLE history.hypotheses (
    spot INTEGER NOT NULL, number INTEGER NOT NULL, pattern VARCHAR NOT NULL, label VARCHAR NOT NULL,
    PRIMARY KEY (spot, number));
CREATE TABLE history.synthetic (
    number INTEGER PRIMARY KEY, spot INTEGER NOT NULL, hypothesis INTEGER NOT NULL, content JSON NOT NULL,
    label VARCHAR NOT NULL, made_by VARCHAR NOT NULL, made_at TIMESTAMP NOT NULL);
CREATE TABLE history.synthetic_decisions (
    number INTEGER NOT NULL, decision VARCHAR NOT NULL, decided_by VARCHAR NOT NULL, decided_at TIMESTAMP NOT NULL);
CREATE TABLE history.unknown_unknowns (
    training_key VARCHAR NOT NULL, arm VARCHAR NOT NULL, seed INTEGER NOT NULL, threshold DOUBLE NOT NULL,
    unknown BIGINT NOT NULL, tested BIGINT NOT NULL, PRIMARY KEY (training_key, arm, seed, threshold));

-- Where the machine is sure and wrong, as reviews found it, with the pattern that a teacher stated last.
CREATE VIEW blind_spots AS
SELECT b.number, b.machine_label, b.human_label, b.items, b.shown, p.pattern, p.teacher, b.found_at
FROM history.blind_spots b JOIN history.current_keys k USING (stage_key)
LEFT JOIN (SELECT spot, arg_max(pattern, stated_at) AS pattern, arg_max(teacher, stated_at) AS teacher
    FROM history.patterns GROUP BY spot) p ON p.spot = b.number
WHERE k.stage = 'blind_spots' ORDER BY b.number;

-- Examples written against blind spots: no items, and in no label, figure or test; `decision` is a person's last word.
CREATE VIEW synthetic AS
SELECT s.number, s.spot, h.pattern AS hypothesis, s.content, s.label, true AS synthetic, s.made_by, s.made_at,
    d.decision, d.decided_by, d.decided_at
FROM history.synthetic s JOIN blind_spots b ON b.number = s.spot
JOIN history.hypotheses h ON h.spot = s.spot AND h.number = s.hypothesis
LEFT JOIN (SELECT number, arg_max(decision, decided_at) AS decision, arg_max(decided_by, decided_at) AS decided_by,
        max(decided_at) AS decided_at
    FROM history.synthetic_decisions GROUP BY number) d ON d.number = s.number
ORDER BY s.number;

-- Errors that the trained models were sure of, before (`corrected`) and after (`taught`) they saw the examples.
CREATE VIEW unknown_unknowns AS
SELECT arm, seed, threshold, unknown, tested
FROM history.unknown_unknowns u JOIN history.current_keys k ON k.stage = 'train' AND k.stage_key = u.training_key
ORDER BY arm, threshold, seed;
"""

_SIGNS = """
-- What in an item looks as if it spoke to the model; a row without an item says that all were looked through.
CREATE TABLE history.signs (stage_key VARCHAR NOT NULL, item_id VARCHAR, sign VARCHAR);

CREATE VIEW signs AS
SELECT item_id, sign FROM history.signs JOIN history.current_keys k USING (stage_key)
WHERE k.stage = 'data' AND item_id IS NOT NULL ORDER BY item_id, sign;
"""

_LEAN_LABELS = """
-- What the current stages said of any item: for queries that begin with `items`, and need not look for them again.
CREATE VIEW history.said AS
SELECT item_id, round, annotator, label, confidence, rationale, status, repairs
FROM history.annotations JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'annotate';
CREATE VIEW history.judged AS
SELECT item_id, round, judge, error_probability, suggested_label, rationale, status, units
FROM history.judgments JOIN history.current_keys k USING (stage_key) WHERE k.stage = 'judge';

-- The draws that took an item. Of a million items few are drawn.
CREATE VIEW history.drawn AS
SELECT item_id, max(round) AS round, max(inclusion_probability) AS inclusion_probability
FROM main.allocations WHERE selected GROUP BY item_id;

CREATE OR REPLACE VIEW history.responses AS
SELECT round, count(*) AS drawn, count(h.item_id) AS answered
FROM history.drawn d LEFT JOIN history.human_labels h USING (item_id) GROUP BY round;

CREATE OR REPLACE VIEW history.weights AS
SELECT d.item_id, s.share * r.drawn / r.answered / d.inclusion_probability + s.later_shares AS sampling_weight
FROM history.drawn d
JOIN history.human_labels USING (item_id)
JOIN history.responses r USING (round)
JOIN history.round_shares s USING (round)
JOIN history.current_keys k ON s.stage_key = k.stage_key AND k.stage = 'allocate';

CREATE OR REPLACE VIEW labels AS
SELECT i.item_id,
    coalesce(h.label, a.label) AS label,
    CASE WHEN h.label IS NOT NULL THEN 'human' WHEN a.label IS NOT NULL THEN 'machine' END AS source,
    a.label AS machine_label,
    h.label AS human_label,
    j.error_probability,
    d.inclusion_probability,
    coalesce(d.selected, false) AS selected,
    d.round,
    CASE WHEN d.item_id IS NOT NULL AND m.design IS DISTINCT FROM 'chosen'
        THEN coalesce(w.sampling_weight, 0) END AS sampling_weight,
    CASE WHEN m.design IS NOT NULL AND m.design <> '' THEN (h.label IS NOT NULL)::INTEGER::DOUBLE
        WHEN d.item_id IS NOT NULL THEN least(coalesce(w.sampling_weight, 0), m.max_weight) END AS loss_weight
FROM items i
CROSS JOIN (SELECT
    (SELECT value::DOUBLE FROM meta WHERE key = 'max_weight') AS max_weight,
    (SELECT value FROM meta WHERE key = 'design') AS design) m
LEFT JOIN history.said a USING (item_id)
LEFT JOIN history.judged j USING (item_id)
LEFT JOIN history.draws d USING (item_id)
LEFT JOIN history.human_labels h USING (item_id)
LEFT JOIN history.weights w USING (item_id);
"""

_STEPS = (
    _TABLES + _VIEWS,
    _TRAINING,
    _ADJUDICATION,
    _REPAIRS,
    _COMPARISON,
    _MEDIA,
    _GUIDELINES,
    _AMBIGUOUS,
    _RULES,
    _MATRIX,
    _SOFT,
    _BATCHES,
    _ROUNDS,
    _BLIND_SPOTS,
    _SIGNS,
    _LEAN_LABELS,
)
VERSION = len(_STEPS)


def migrate(run: Run, rows: Rows, path: Path | None) -> None:
    """Bring an open database to `VERSION`; a new one gets every table."""
    done = check(rows, path) if rows("SELECT 1 FROM duckdb_tables() LIMIT 1") else 0
    for step in _STEPS[done:]:
        run(step)
    run("INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", [str(VERSION)])


def check(rows: Rows, path: Path | None) -> int:
    """
    The database's version.

    Raises:
        StoreError: If it is no run of ours, or of a newer version.
    """
    if not rows("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'main' AND table_name = 'meta'"):
        raise StoreError(f"{path}: a DuckDB file, but not a run of act-spec. It is left as it is.")
    found = rows("SELECT value FROM meta WHERE key = 'schema_version'")
    version = int(found[0][0]) if found else 0
    if version > VERSION:
        raise StoreError(
            f"{path}: written by a newer act-spec (tables of version {version}, known here: {VERSION}). "
            "Install that version to go on; the file is left as it is."
        )
    return version
