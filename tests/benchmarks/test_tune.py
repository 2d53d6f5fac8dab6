"""The grids of the peers' settings."""

from benchmarks import peers, settings, tune


def test_each_peer_has_settings_and_a_grid_to_find_them(tiny):
    for peer in (*peers.RATERS.values(), *peers.RANKERS.values()):
        name = peer.__name__
        assert set(settings.setting_of(name, tiny)) <= set(tune.GRIDS[name])
