"""Figures: drawn without a warning, which a missing Chinese character would be."""

import pytest
from matplotlib.text import Text

from analyses.reporting.figures import network_figure, timeline_figure
from analyses.reporting.page.network import Link, Network, Node, laid_out
from analyses.reporting.page.tracks import Track
from analyses.reporting.texts import Texts
from analyses.run import Run
from tests.analyses.reporting.conftest import ATTACKS, NICKNAME

CHINESE = Texts("zh")


def drawn(name, kind="batch_registered"):
    return laid_out(
        Network(
            (
                Node(f"account:{name}", "account", kind, name),
                Node("device:d", "thing", "device", "d"),
                Node(f"team:{name}", "team", "registration_farm", name),
            ),
            (Link(f"account:{name}", "device:d", "device"),),
        )
    )


def texts_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("name", [*ATTACKS.values(), NICKNAME, "$\\frac{1}$", "王小明"])
def test_hostile_names_are_drawn_as_they_stand(name, tmp_path):
    figure = network_figure(drawn(name), name, CHINESE)
    figure.savefig(tmp_path / "figure.png", dpi=40)
    assert not {"\u202e", "\x1b", "\x07"} & set(texts_of(figure))


def test_roles_differ_by_shape_and_not_by_colour_alone():
    roles = ("batch_registered", "operator", "platform_worker", "owned_helper")
    shapes = set()
    for role in (*roles, "lured_helper"):
        points = network_figure(drawn("a", role), "a").axes[0].collections[0]
        shapes.add(str(points.get_paths()[0].vertices))
    assert len(shapes) == 5


def test_a_figure_is_in_chinese_and_says_so_on_paper(tmp_path):
    track = Track("registrations", ((20_000, 3), (20_004, 1)))
    figure = timeline_figure([track], "团伙", CHINESE)
    figure.savefig(tmp_path / "figure.png")
    assert "注册" in texts_of(figure)
    assert (tmp_path / "figure.png").read_bytes() == _again(track, tmp_path)


def _again(track, folder):
    timeline_figure([track], "团伙", CHINESE).savefig(folder / "again.png")
    return (folder / "again.png").read_bytes()


def test_objects_plot_and_show_themselves(run_folder):
    with Run.open(run_folder) as run:
        for figure in (run.plot_risk(), run.team("P").plot(), run.team("P").timeline()):
            assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
        assert "platform" in run._repr_html_()
        assert "worker who helps strangers" in run.team("P")._repr_html_()
        assert "+3.0" in run.account("w")._repr_html_()
        assert "risk" not in run.account("p")._repr_html_()


def test_hostile_names_are_text_in_a_notebook(hostile_folder):
    with Run.open(hostile_folder) as run:
        for name in ATTACKS.values():
            shown = run.account(name)._repr_html_()
            assert "<script" not in shown and "<img" not in shown
            assert not {"\u202e", "\x1b", "\x07"} & set(shown)
