"""Run an authoring command: ``python -m authoring notebooks | check | course | …``.

CONTRIBUTING.md says when to run which.
"""

import argparse
import os
import sys
from pathlib import Path

from authoring.project import AuthoringError, Project

TWIN_DATA = "ml-100k"


def main(arguments=None):
    """Run one command; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows console may not be able to show "✓".
        stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        return options.run(Project.open(options.root), options)
    except AuthoringError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="python -m authoring")
    parser.add_argument("--root", type=Path, help="another course's folder")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    notebooks = commands.add_parser(
        "notebooks", help="derive twins and exercises; execute what changed"
    )
    notebooks.add_argument(
        "--execute",
        choices=["changed", "all", "none"],
        default="changed",
        help="which lessons to execute for their twins' outputs",
    )
    notebooks.add_argument(
        "--no-execute", dest="execute", action="store_const", const="none"
    )
    notebooks.set_defaults(run=_notebooks)

    translations = commands.add_parser(
        "translations", help="bring the PO files up to date with the English"
    )
    translations.add_argument(
        "--left-out",
        action="store_true",
        help="list the strings in the lessons' code that are not translated",
    )
    translations.set_defaults(run=_translations)

    check = commands.add_parser("check", help="check all that is derived")
    check.set_defaults(run=_check)

    course = commands.add_parser("course", help="execute the course")
    course.add_argument(
        "--data", default="ml-100k", help="edition of the ratings, or a table's path"
    )
    course.add_argument("--out", type=Path, help="default: build/course")
    course.add_argument(
        "--strict", action="store_true", help="fail if a figure leaves its band"
    )
    course.add_argument(
        "--lang", default="", help="the lessons' language; default: $COURSE_LANG"
    )
    course.add_argument(
        "--workers", type=int, default=1, help="lessons at a time (default: 1)"
    )
    course.set_defaults(run=_course)

    release = commands.add_parser("release", help="pack what students get")
    release.add_argument("--out", type=Path, help="default: build/release")
    release.add_argument(
        "--reveal-from",
        default="",
        metavar="DATE",
        help="pack the answers, closed until this date: 2027-01-31",
    )
    release.add_argument(
        "--offline",
        action="store_true",
        help="pack the packages of this system, too, for rooms without a network",
    )
    release.set_defaults(run=_release)

    links = commands.add_parser(
        "links", help="list the links that open notebooks; change them for a copy"
    )
    links.add_argument("--repository", default="", help="owner/name on GitHub")
    links.add_argument("--release", default="", help="the tag of your release: v1.2")
    links.add_argument("--hub", default="", help="of a JupyterHub with nbgitpuller")
    links.set_defaults(run=_links)

    site = commands.add_parser("site", help="build the course's web pages")
    site.add_argument("--out", type=Path, help="default: build/site")
    site.set_defaults(run=_site)

    slides = commands.add_parser("slides", help="make a deck from each lesson")
    slides.add_argument("--out", type=Path, help="default: build/slides")
    slides.set_defaults(run=_slides)

    for command in (notebooks, translations, check, course, slides):
        command.add_argument(
            "--lessons", default="", help='only these, for example "02 03"'
        )
    return parser


def _numbers(options):
    return options.lessons.replace(",", " ").split()


def _notebooks(project, options):
    paths = project.sources(_numbers(options))
    for file in _derive_all(project, paths):
        print(f"wrote {project.show(file)}")
    if options.execute == "none":
        return 0
    for language in ("en", *project.languages):
        for path in paths:
            _execute(project, path, language, always=options.execute == "all")
    return 0


def _derive_all(project, paths, reword=None):
    """Write all that is derived from these lessons; yield what changed."""
    from authoring.derive import derive
    from authoring.instructor import instructor_page, page_path
    from authoring.moved import moved_files
    from authoring.translation.extract import compile_translations, update_translations
    from helpers.files import write_text

    yield from update_translations(project, reword)
    yield from compile_translations(project)
    for path in paths:
        yield from derive(project, path)
    for file, text in moved_files(project).items():
        if write_text(file, text):
            yield file
    for language in ("en", *project.languages):
        page = page_path(project, language)
        if write_text(page, instructor_page(project, language)):
            yield page


def _execute(project, path, language, always):
    """Execute a lesson if its code has changed, and write the outputs to its twin."""
    from authoring.derive import is_stale, twin, twin_path, write_twin
    from authoring.execute import execute, forget_from, kernel_environment
    from authoring.lesson_format import section_of, source_line

    notebook = twin(project, path, language)
    if not always and not is_stale(notebook):
        return
    # Keep the folder between runs: lessons show the scoreboard of earlier ones.
    home = project.root / "build" / "notebooks" / "home"
    home.mkdir(parents=True, exist_ok=True)
    forget_from(home, path.stem[:2])
    path = twin_path(project, path, language).with_suffix(".py")
    print(f"executing {project.show(path)} …", flush=True)
    environment = kernel_environment(TWIN_DATA, home, language)
    execution = execute(notebook, path.parent, environment)
    if failure := execution.failure:
        place = f"{project.show(path)}:{source_line(path, failure.cell)}"
        print(failure.details)
        raise AuthoringError(
            f"{place}, under “{section_of(notebook, failure.cell)}”: "
            f"{failure.error}\nIts twin keeps its old outputs."
        )
    write_twin(path, notebook)
    print(
        f"  {execution.seconds:.0f} s, {execution.peak_memory / 1e6:,.0f} MB: "
        f"wrote {project.show(path.with_suffix('.ipynb'))}"
    )


def _translations(project, options):
    from authoring.translation.extract import (
        progress,
        strings_left_out,
        update_translations,
    )

    if options.left_out:
        for line in strings_left_out(project, _numbers(options)):
            print(line)
        return 0
    for file in update_translations(project):
        print(f"wrote {project.show(file)}")
    for line in progress(project):
        print(line)
    return 0


def _check(project, options):
    from authoring.validate import check

    numbers = _numbers(options)
    findings = check(project, project.sources(numbers) if numbers else None)
    for finding in findings:
        print(finding)
    checked = _counted(len(project.sources(numbers)), "lesson")
    print(f"{checked} checked, {_counted(len(findings), 'finding')}")
    if numbers:
        print("Not checked: the instructor's guide. `make check` checks all.")
    return 1 if findings else 0


def _counted(n, noun):
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _course(project, options):
    from authoring.course import run_course

    if options.lang:
        os.environ["COURSE_LANG"] = options.lang
    return run_course(
        project,
        options.data,
        _numbers(options),
        options.out,
        options.strict,
        workers=options.workers,
    )


def _release(project, options):
    from authoring.release import pack

    out = options.out or project.root / "build" / "release"
    path = pack(project, out, options.reveal_from, options.offline)
    answers = "no answers in it"
    if options.reveal_from.strip():
        answers = f"`reveal` opens on {options.reveal_from.strip()}"
    if options.offline:
        from authoring.wheelhouse import system

        answers += f", packages for {system()}"
    print(f"wrote {project.show(path)}, {path.stat().st_size / 1e6:.1f} MB: {answers}")
    return 0


def _links(project, options):
    from authoring.links import binder_link, colab_link, hub_link, restamp

    if options.hub:
        hub_link(project, "", options.hub)  # before anything is written
    project, changed, reword = restamp(project, options.repository, options.release)
    if options.repository or options.release:
        changed = {*changed, *_derive_all(project, project.sources(), reword)}
        print(f"{project.repository} {project.release}: changed {len(changed)} files")
    for source in project.sources():
        notebook = f"notebooks/{source.stem}.ipynb"
        print(colab_link(project, notebook))
        print(binder_link(project, notebook))
        if options.hub:
            print(hub_link(project, notebook, options.hub))
    return 0


def _site(project, options):
    from authoring.site import build_site

    page = build_site(project, options.out or project.root / "build" / "site")
    print(f"wrote {project.show(page)}")
    return 0


def _slides(project, options):
    from authoring.slides import write_decks

    out = options.out or project.root / "build" / "slides"
    for file in write_decks(project, _numbers(options), out):
        print(f"wrote {project.show(file)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
