"""The command line of the benchmarks."""

from benchmarks import __main__ as command


def test_an_unknown_benchmark_is_named(capsys):
    assert command.main(["gradign"]) == 2
    assert "no benchmark gradign; there are models, speed" in capsys.readouterr().err
