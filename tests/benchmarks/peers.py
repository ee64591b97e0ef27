"""
Other tools and act_spec on the same rows and the same server: rows a second of processor time, and memory.

`python peers.py run ROWS ROUNDS LATENCY_MS [NAME…]` makes an environment for each tool in
a temporary folder, installs it from the package index, measures, and throws
the environment away. A tool that cannot be installed or run is said so, with
the last line of why. Each labels every row with one call to a stand-in that
answers after the latency; caches and telemetry are off, concurrency is the tool's own or
64. Without `run` nothing is installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MOST_INSTALL_S, MOST_RUN_S = 900, 600
TEXT = "Row {number}: the parcel came late, the box was torn, and nobody answered the telephone."

# Around each tool's own lines, which read `texts` and `url` and leave `labelled`, how many rows got an answer.
_AROUND = """
import json, os, resource, sys, time
def cpu():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)
texts = [{text!r}.format(number=number) for number in range(int(sys.argv[1]))]
url = sys.argv[2]
# Tokenizers that others would download.
os.environ["TIKTOKEN_CACHE_DIR"] = {tokenizers!r}
if __name__ == "__main__":
{prepare}
    started, before = time.perf_counter(), cpu()
{work}
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = dict(rows=labelled, s=time.perf_counter() - started, cpu_s=cpu() - before, mb=peak / 1024)
    os.write(3, json.dumps(told).encode())
    os._exit(0)
"""


@dataclass(frozen=True)
class Tool:
    """What is installed, and how it labels; `prepare` is not timed."""

    package: str
    distribution: str
    prepare: str
    work: str


TOOLS = {
    "act_spec": Tool(
        "",
        "act_spec",
        """
        import csv, tempfile
        from pathlib import Path
        from act_spec.llm import provider
        from act_spec.plan.compile import compile_plan, run_folder
        from act_spec.recipe.load import load_recipe
        from act_spec.run.session import open_session
        from act_spec.run.walk import walk
        provider.warm_up()
        folder = Path(tempfile.mkdtemp(dir="."))
        with (folder / "data.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("id", "text"), *((f"r{number}", text) for number, text in enumerate(texts))])
        (folder / "peer.act.yaml").write_text(f'''
        act: 1
        name: peer
        task: {{kind: classification, question: Is it good?, labels: {{good: It is., bad: It is not.}}}}
        data: {{source: data.csv, id: id, show: [text]}}
        annotator: {{model: openai/stand-in, api_base: "{url}", concurrency: 64, price: {{input_usd_per_million: 0, output_usd_per_million: 0}}}}
        budget: {{reviews: 1%, rule: uniform}}
        '''.replace(chr(10) + " " * 8, chr(10)))
        """,
        """
        plan = compile_plan(load_recipe(folder / "peer.act.yaml"))
        with open_session(plan, run_folder(plan), lambda _: None) as (store, session, place):
            walk(plan, store, session, place)
            labelled = store.one("SELECT count(label) FROM annotations")[0]
        """,
    ),
    "Adala": Tool(
        "adala",
        "adala",
        """
        os.environ.update(OPENAI_API_KEY="none", OPENAI_BASE_URL=url, OPENAI_API_BASE=url)
        import pandas
        from adala.agents import Agent
        from adala.environments import StaticEnvironment
        from adala.runtimes import OpenAIChatRuntime
        from adala.skills import ClassificationSkill, LinearSkillSet
        frame = pandas.DataFrame({"text": texts})
        skill = ClassificationSkill(name="good", instructions="Is it good?", input_template="Text: {text}",
            output_template="Label: {label}", labels={"label": ["good", "bad"]})
        runtimes = {"openai": OpenAIChatRuntime(model="gpt-3.5-turbo", api_key="none")}
        agent = Agent(skills=LinearSkillSet(skills=[skill]), environment=StaticEnvironment(df=frame),
            runtimes=runtimes, teacher_runtimes=runtimes, default_runtime="openai", default_teacher_runtime="openai")
        """,
        """
        labelled = int(agent.run(frame)["label"].notna().sum())
        """,
    ),
    "Autolabel": Tool(
        # It is written for OpenAI's first package and does not say so.
        "refuel-autolabel[openai] openai<1",
        "refuel-autolabel",
        """
        os.environ.update(OPENAI_API_KEY="none", OPENAI_API_BASE=url)
        import pandas
        from autolabel import AutolabelDataset, LabelingAgent
        config = {
            "task_name": "good", "task_type": "classification",
            "dataset": {"label_column": "label", "delimiter": ","},
            "model": {"provider": "openai", "name": "gpt-3.5-turbo", "params": {"openai_api_base": url}},
            "prompt": {"task_guidelines": "Is it good?", "labels": ["good", "bad"], "example_template": "Text: {text}\\nLabel: {label}"},
        }
        agent = LabelingAgent(config=config, cache=False, console_output=False)
        data = AutolabelDataset(pandas.DataFrame({"text": texts, "label": ["good"] * len(texts)}), config=config)
        """,
        """
        labelled = len(agent.run(data, skip_eval=True).df)
        """,
    ),
    "Curator": Tool(
        "bespokelabs-curator",
        "bespokelabs-curator",
        """
        os.environ.update(OPENAI_API_KEY="none", CURATOR_DISABLE_CACHE="1", TELEMETRY_ENABLED="false",
            CURATOR_DISABLE_RICH_DISPLAY="1", HF_HUB_OFFLINE="1", CURATOR_CACHE_DIR=os.path.abspath("curator"))
        from bespokelabs import curator
        llm = curator.LLM(model_name="gpt-4o-mini", backend="openai", backend_params={"base_url": url,
            "max_requests_per_minute": 10**7, "max_tokens_per_minute": 10**9, "max_concurrent_requests": 64})
        """,
        """
        made = llm([f"Is it good? Text: {text}" for text in texts])
        labelled = len(getattr(made, "dataset", made))
        """,
    ),
    "distilabel": Tool(
        # It imports requests and does not ask for it.
        "distilabel[openai] requests",
        "distilabel",
        """
        from distilabel.models import OpenAILLM
        from distilabel.pipeline import Pipeline
        from distilabel.steps import LoadDataFromDicts
        from distilabel.steps.tasks import TextGeneration
        with Pipeline(name="good") as pipeline:
            load = LoadDataFromDicts(data=[{"instruction": f"Is it good? Text: {text}"} for text in texts])
            load >> TextGeneration(llm=OpenAILLM(model="stand-in", base_url=url, api_key="none"), input_batch_size=64)
        """,
        """
        labelled = len(pipeline.run(use_cache=False)["default"]["train"])
        """,
    ),
    "Potato": Tool("potato-annotation", "potato-annotation", "", ""),
}


class CannotError(Exception):
    """A tool that cannot be installed or run; the message is the last line of why."""


def run(command: list[str], folder: Path, most_s: float, pass_fds: tuple[int, ...] = ()) -> None:
    """A command; fails with its last line."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=most_s,
            check=False,
            pass_fds=pass_fds,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        raise CannotError(f"took more than {most_s:.0f} s") from None
    if done.returncode:
        lines = [line for line in f"{done.stdout}\n{done.stderr}".splitlines() if line.strip()]
        raise CannotError(lines[-1].strip()[:160] if lines else f"ended with {done.returncode}")


def installed(tool: Tool, folder: Path) -> str:
    """The interpreter of an environment with the tool; act_spec is measured where this script runs."""
    if not tool.package:
        return sys.executable
    run([sys.executable, "-m", "venv", str(folder / "env")], folder, MOST_INSTALL_S)
    python = str(folder / "env" / "bin" / "python")
    quiet = ["--disable-pip-version-check", "--quiet", "--no-cache-dir"]
    # pip takes many minutes to find versions that go together; uv seconds.
    run([python, "-m", "pip", "install", *quiet, "uv"], folder, MOST_INSTALL_S)
    uv = [python, "-m", "uv", "pip", "install", "--quiet", "--python", python, *_where_pip_looks()]
    run([*uv, *tool.package.split()], folder, MOST_INSTALL_S)
    return python


def _where_pip_looks() -> list[str]:
    """Folders of packages that pip is set up to look into beside its index."""
    return [
        word for place in os.environ.get("PIP_FIND_LINKS", "").split() for word in ("--find-links", place)
    ]


def _tokenizers() -> str:
    """The folder with those that LiteLLM brings along."""
    found = importlib.util.find_spec("litellm")
    if found is None or found.origin is None:
        raise SystemExit("LiteLLM is not installed.")
    return str(Path(found.origin).parent / "litellm_core_utils" / "tokenizers")


def version(tool: Tool, python: str) -> str:
    """As installed."""
    code = f"import importlib.metadata as m; print(m.version({tool.distribution!r}))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "?"


def measured(tool: Tool, python: str, folder: Path, rows: int, port: int) -> dict[str, float]:
    """One process of the tool."""
    parts = {
        name: textwrap.indent(textwrap.dedent(lines), "    ")
        for name, lines in (("prepare", tool.prepare), ("work", tool.work))
    }
    script = folder / "peer.py"
    script.write_text(_AROUND.format(text=TEXT, tokenizers=_tokenizers(), **parts))
    reading, writing = os.pipe()
    # The result has a way of its own, since tools print.
    shell = f'exec "$0" "$@" 3>&{writing}'
    command = ["bash", "-c", shell, python, str(script), str(rows), f"http://127.0.0.1:{port}/v1"]
    try:
        run(command, folder, MOST_RUN_S, pass_fds=(writing,))
    finally:
        os.close(writing)
        with os.fdopen(reading) as file:
            said = file.read()
    found: dict[str, float] = json.loads(said)
    if found["rows"] != rows:
        raise CannotError(f"labelled {found['rows']:.0f} of {rows} rows")
    return found


def compared(name: str, tool: Tool, rows: int, rounds: int, port: int) -> str:
    """A line of the table."""
    with tempfile.TemporaryDirectory(prefix=f"peer-{name.lower()}-") as made:
        folder = Path(made)
        try:
            python = installed(tool, folder)
            told = f"{name} {version(tool, python)}"
            if not tool.work:
                return f"| {told} | installs; labels only through endpoints of its own configuration, not measured | | | |"
            few = [measured(tool, python, folder, max(1, rows // 10), port) for _ in range(rounds)]
            many = [measured(tool, python, folder, rows, port) for _ in range(rounds)]
        except (CannotError, json.JSONDecodeError) as error:
            return f"| {name} | could not be measured: {error} | | | |"
    fast = rows / statistics.median(one["s"] for one in many)
    per_core = rows / statistics.median(one["cpu_s"] for one in many)
    peak, low = (statistics.median(one["mb"] for one in each) for each in (many, few))
    a_row = max(0.0, peak - low) * 1024 / (rows - max(1, rows // 10))
    return f"| {told} | {fast:,.0f} | {per_core:,.0f} | {peak:,.0f} | {a_row:,.1f} |"


def main(rows: int = 2000, rounds: int = 3, latency_ms: int = 0, *, names: Sequence[str] = ()) -> None:
    """The table, a line as soon as it is measured."""
    server = subprocess.Popen(
        [sys.executable, HERE / "fast_server.py", str(latency_ms / 1000)], stdout=subprocess.PIPE, text=True
    )
    port = int((server.stdout or sys.stdin).readline())
    print(
        f"{rows:,} rows, {latency_ms} ms, medians of {rounds}; Python {sys.version.split()[0]}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}\n"
        "| tool | rows/s | rows a second of processor time | MB at the peak of its largest process | kB more a row |\n|---|---|---|---|---|"
    )
    try:
        for name in names or list(TOOLS):
            print(compared(name, TOOLS[name], rows, rounds, port), flush=True)
    finally:
        server.kill()


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        main(*(int(one) for one in sys.argv[2:5]), names=sys.argv[5:])
    else:
        print(
            "This installs other tools to throw away, and takes long: python peers.py run ROWS ROUNDS LATENCY_MS [NAME…]"
        )
