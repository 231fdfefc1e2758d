"""The set-up's decisions, as tables."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def load(name: str) -> ModuleType:
    """packaging/ is a folder of scripts, not a package that can be imported."""
    spec = importlib.util.spec_from_file_location(f"potluck_setup_{name}", PACKAGING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


needs = load("needs")

PYVENV_CFG = "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"


@pytest.mark.parametrize(
    ("version", "platform", "word"),
    [((3, 10), "linux", "Python 3.11"), ((2, 7), "darwin", "2.7"), ((3, 13), "win32", "WSL 2")],
)
def test_an_unfit_interpreter_or_system_is_named(version, platform, word):
    assert word in needs.python_problem(version, platform)


@pytest.mark.parametrize("version", [(3, 11), (3, 14)])
def test_a_fit_interpreter_is_no_problem(version):
    assert needs.python_problem(version, "linux") is None


def test_fingerprint_depends_on_every_part_and_on_where_parts_end():
    whole = needs.fingerprint("a==1", "3.11")
    assert whole == needs.fingerprint("a==1", "3.11")
    assert len({whole, needs.fingerprint("a==2", "3.11"), needs.fingerprint("a==1", "3.12")}) == 3
    assert needs.fingerprint("ab", "c") != needs.fingerprint("a", "bc")


@pytest.mark.parametrize(
    ("installed", "wanted_extras", "covered"),
    [((), (), True), (("test",), (), True), (("test",), ("test",), True), ((), ("test",), False)],
)
def test_a_stamp_covers_what_was_installed_with_it(installed, wanted_extras, covered):
    stamp = needs.stamp_text("f00", installed)
    assert needs.stamp_covers(stamp, "f00", wanted_extras) is covered


@pytest.mark.parametrize("stamp", ["", "\n", "other\n", "f00d test\n"])
def test_no_stamp_or_that_of_another_install_covers_nothing(stamp):
    assert not needs.stamp_covers(stamp, "f00", ())


@pytest.mark.parametrize(
    ("config", "has_interpreter", "was_cut_off", "state"),
    [
        (None, False, False, "absent"),
        (None, False, True, "broken"),
        (PYVENV_CFG, False, False, "broken"),
        (PYVENV_CFG, True, True, "broken"),
        ("", True, False, "broken"),
        (PYVENV_CFG, True, False, "usable"),
    ],
)
def test_state_of_the_environment(config, has_interpreter, was_cut_off, state):
    assert needs.venv_state(config, has_interpreter, was_cut_off) is needs.Venv(state)


def test_the_environments_own_version_is_read():
    assert needs.venv_python_version(PYVENV_CFG) == "3.11.2"
    assert needs.venv_python_version("home = /usr/bin\n") == ""


def test_torch_comes_first_and_nothing_is_lost():
    project = {"dependencies": ["a>=1", "torch==2"], "optional-dependencies": {"test": ["pytest"]}}
    assert needs.requirements(project, ()) == ["torch==2", "a>=1"]
    assert needs.requirements(project, ("test",)) == ["torch==2", "a>=1", "pytest"]


@pytest.mark.parametrize(
    ("environ", "platform", "found"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
    ],
)
def test_display_is_found(environ, platform, found):
    assert needs.has_display(environ, platform) is found


def test_each_missing_package_is_named_once():
    tools = {"Xvfb": "xvfb", "xvfb-run": "xvfb", "xauth": "xauth", "openbox": "openbox"}
    assert needs.missing_packages(tools, lambda name: name == "openbox") == ["xauth", "xvfb"]
    assert needs.missing_packages(tools, lambda name: True) == []


def test_who_may_not_install_gets_one_line_to_type():
    advice = needs.apt_advice(["libegl1", "xvfb"], has_apt=True)
    assert advice == (
        "Run:  sudo apt-get update && sudo apt-get install --yes --no-install-recommends libegl1 xvfb"
    )


def test_without_apt_the_packages_are_named_and_no_command_that_is_not_there():
    advice = needs.apt_advice(["libegl1", "xvfb"], has_apt=False)
    assert "libegl1, xvfb" in advice
    assert "apt-get" not in advice


def test_the_venv_package_is_the_one_of_this_python():
    assert needs.venv_package((3, 11)) == "python3.11-venv"


def test_window_with_a_display_and_terminal_chat_without():
    assert needs.app_argv("py", display=True, extra=["--x"]) == ["py", "-P", "-m", "desktop", "--x"]
    terminal = needs.app_argv("py", display=False, extra=["--x"])
    assert terminal == ["py", "-P", "-m", "engine.cli", "chat", "--with-engine", "--x"]


def test_pytest_gets_its_own_display_and_bus_and_the_extra_arguments():
    argv = needs.pytest_argv("py", virtual_display=True, extra=["-k", "x"])
    assert argv[:4] == ["xvfb-run", "-a", "dbus-run-session", "--"]
    assert argv[4:7] == ["py", "-m", "pytest"]
    assert argv[-2:] == ["-k", "x"]
    assert needs.pytest_argv("py", virtual_display=False, extra=[]) == argv[4:-2]


GROUPED = """
import os

import pytest

@pytest.mark.xdist_group("windows")
@pytest.mark.parametrize("number", range(8))
def test_of_a_group(number):
    print("worker", os.environ["PYTEST_XDIST_WORKER"])
"""


def test_tests_of_a_group_stay_in_one_process(tmp_path: Path):
    """As those with windows must: they share a focus and a clipboard."""
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    argv = needs.pytest_argv(sys.executable, False, ["-rP", "-c", os.devnull, str(tmp_path)])
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(argv, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=300)
    workers = [line for line in done.stdout.splitlines() if line.startswith("worker ")]
    assert (len(workers), len(set(workers))) == (8, 1), done.stdout + done.stderr


def test_tests_draw_on_the_virtual_display_and_not_in_the_owners_session():
    environ = {"WAYLAND_DISPLAY": "wayland-0", "HOME": "/home/me"}
    assert needs.pytest_environ(environ, True) == {"HOME": "/home/me", "QT_QPA_PLATFORM": "xcb"}
    assert needs.pytest_environ({"QT_QPA_PLATFORM": "offscreen"}, True)["QT_QPA_PLATFORM"] == "offscreen"
    assert needs.pytest_environ(environ, False) == environ


def test_a_failure_shows_the_end_of_the_output_the_step_the_status_and_what_to_do():
    output = "\n".join(f"line {n}" for n in range(50))
    text = needs.failure_text("install torch", 7, output, "Check the network.", lines=3)
    assert text.splitlines() == [
        "    line 47",
        "    line 48",
        "    line 49",
        "Failed: install torch (exit status 7).",
        "Check the network.",
    ]


def test_a_step_that_was_ended_from_outside_names_the_signal():
    text = needs.failure_text("install torch", -9, "", "Close other programs.")
    assert text == "Failed: install torch (ended by signal 9).\nClose other programs."


def test_the_summary_names_every_failed_check_and_its_remedy():
    checks = needs.checks("py", virtual_display=True, extra=())
    assert [check.name for check in checks] == ["ruff check", "ruff format", "mypy", "lint-imports", "pytest"]
    failed = needs.summary([checks[0], checks[2]]).splitlines()
    assert [line.split(". ")[0] for line in failed] == ["Failed: ruff check", "Failed: mypy"]
    assert needs.summary([]) == "All checks passed."
