"""No column by itself gives the answer away, nor do the accounts' own columns together.

Each column is turned into numbers in every way that has given worlds away before: its
value, whether it is null, its place within a day or a minute, its order as text, its
length and first letters, how frequent it is, and the row's position. The numbers are
cut into bins, and half of the accounts tell the bins' rates for the other half.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from graph.schema import TABLES
from loaders.simulator import DESIGNS, WorldSettings, simulate

LIMIT = 0.8
LARGE: dict[str, Any] = {"seed": 5, "new": 24_000, "existing": 60_000, "farmed": 0.1}
START = pd.Timestamp("2026-03-01", tz="UTC")


@pytest.fixture(scope="module", params=list(DESIGNS))
def design(request):
    return request.param


@pytest.fixture(scope="module")
def folder(tmp_path_factory, design):
    """A world of every design, with enough farms to count."""
    out = tmp_path_factory.mktemp("worlds") / "world"
    crews = None if design == "nationwide" else 30
    simulate(out, WorldSettings(**LARGE, design=design, crews=crews))
    return out


@pytest.fixture(scope="module")
def many_crews(tmp_path_factory, design):
    """A world with enough operators to count."""
    out = tmp_path_factory.mktemp("worlds") / "world"
    simulate(out, WorldSettings(**LARGE, design=design, crews=40))
    return out


def read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def transforms(values: pd.Series) -> dict[str, Any]:
    """The column as numbers, in each way that might tell."""
    frequency = values.map(values.value_counts()).fillna(0).to_numpy(float)
    out: dict[str, Any] = {
        "null": values.isna().to_numpy(float),
        "frequency": frequency,
    }
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        null = values.isna().to_numpy()
        second = values.astype("datetime64[s, UTC]").astype("int64").to_numpy(float)
        out["value"] = np.where(null, -1, second)
        for name, period in (("of day", 86_400), ("of hour", 3_600), ("of minute", 60)):
            out[name] = np.where(null, -1, second % period)
    elif pd.api.types.is_numeric_dtype(values.dtype) or values.dtype == bool:
        number = values.astype(float).fillna(-1).to_numpy()
        out |= {"value": number, "fraction": number * 1e4 % 1, "odd": number % 10}
    else:
        text = values.astype("string").fillna("")
        out["order"] = text.rank(method="dense").to_numpy(float)
        out["length"] = text.str.len().to_numpy(float)
        for letters in (1, 2, 3):
            out[f"first {letters}"] = pd.factorize(text.str[:letters])[0].astype(float)
        out["last 1"] = pd.factorize(text.str[-1:])[0].astype(float)
        if text.nunique() < 1_000:
            out["word"] = pd.factorize(text)[0].astype(float)
    return out


def auc(feature: np.ndarray, label: np.ndarray, half: np.ndarray) -> float:
    """AUC of the bins' rates, those of each half learnt from the other one."""
    edges = np.unique(np.quantile(feature, np.linspace(0, 1, 65)))
    bins = np.unique(feature, return_inverse=True)[1]
    if bins.max() >= 200:
        bins = np.searchsorted(edges, feature)
    score = np.zeros(len(feature))
    for side in (False, True):
        learn = half != side
        prior = label[learn].mean()
        ones = np.bincount(bins[learn], label[learn], minlength=bins.max() + 1)
        seen = np.bincount(bins[learn], minlength=bins.max() + 1)
        score[~learn] = ((ones + 5 * prior) / (seen + 5))[bins[~learn]]
    return float(roc_auc_score(label, score))


def told(frame: pd.DataFrame, about: pd.Series, label: pd.Series) -> dict[str, float]:
    """The AUC of each transform of each column, for rows about an account."""
    position = np.arange(len(frame)) / len(frame)
    labels = about.map(label)
    rows = labels.notna().to_numpy()
    y = labels[rows].to_numpy(bool)
    if y.sum() < 50 or (~y).sum() < 50:
        return {}
    half = (pd.util.hash_array(about[rows].to_numpy(object)) % 2).astype(bool)
    out = {"position": auc(position[rows], y, half)}
    for column in frame.columns:
        for name, feature in transforms(frame[column]).items():
            out[f"{column}, {name}"] = auc(feature[rows], y, half)
    return out


def about_accounts(folder: Path, name: str) -> list[tuple[pd.DataFrame, pd.Series]]:
    """A table with the account of each row, in each way it names one."""
    if not (folder / f"{name}.parquet").exists():
        return []
    frame = read(folder, name)
    if name == "accounts":
        return [(frame, frame["account_id"])]
    if name == "devices":
        accounts = read(folder, "accounts").dropna(subset=["registration_device_id"])
        user = accounts.drop_duplicates("registration_device_id")
        device = user.set_index("registration_device_id")["account_id"]
        return [(frame, frame["device_id"].map(device))]
    if name == "scans":
        owner = read(folder, "codes").set_index("code_id")["account_id"]
        return [(frame, frame["code_id"].map(owner)), (frame, frame["scanner_id"])]
    named = [c.name for c in TABLES[name].columns if c.refers_to == "accounts"]
    return [(frame, frame[column]) for column in named]


@pytest.fixture(scope="module")
def batch(folder):
    truth = read(folder, "truth/accounts").set_index("account_id")["role"]
    accounts = read(folder, "accounts")
    new = accounts.loc[accounts["registered_at"] >= START, "account_id"]
    return (truth.loc[new] == "batch_registered").astype(float)


MAIN_TABLES = ("accounts", "helps")
TOLD_TABLES = [name for name in TABLES if name not in ("unseal_applications",)]


@pytest.mark.long  # accounts and helps always: test_no_column_of_the_main_tables_tells
@pytest.mark.parametrize(
    "name", [name for name in TOLD_TABLES if name not in (*MAIN_TABLES, "declared")]
)
def test_no_column_tells_batch_registered_from_other_newcomers(folder, batch, name):
    figures: dict[str, float] = {}
    for frame, about in about_accounts(folder, name):
        figures |= {
            f"{about.name}: {key}": value
            for key, value in told(frame, about, batch).items()
        }
    over = {key: round(value, 3) for key, value in figures.items() if value > LIMIT}
    assert not over


@pytest.mark.long
@pytest.mark.parametrize(
    "role", ["platform_worker", "owned_helper", "operator", "lured_helper"]
)
@pytest.mark.parametrize("name", ["helps", "scans"])
def test_no_column_tells_a_helpers_role(folder, many_crews, role, name):
    folder = many_crews if role == "operator" else folder
    truth = read(folder, "truth/accounts").set_index("account_id")["role"]
    helps = read(folder, "helps")
    helpers = truth.loc[helps["helper_id"].unique()]
    label = (helpers == role).astype(float)
    frame = read(folder, name)
    about = frame["helper_id" if name == "helps" else "scanner_id"]
    if name == "scans":
        frame = frame[frame["purpose"] == "register_help"].reset_index(drop=True)
        about = frame["scanner_id"]
    # How often somebody helps, and that a stall stands at one place, is what there is
    # to detect; everything else is not to tell.
    figures = {
        key: value
        for key, value in told(frame, about, label).items()
        if not key.endswith("frequency") and "itude" not in key
    }
    over = {key: round(value, 3) for key, value in figures.items() if value > LIMIT}
    assert not over


@pytest.mark.parametrize("name", MAIN_TABLES)
def test_no_column_of_the_main_tables_tells(folder, batch, name):
    for frame, about in about_accounts(folder, name):
        for key, value in told(frame, about, batch).items():
            assert value <= LIMIT, f"{name}.{key} has AUC {value:.3f}"


def own_columns(accounts: pd.DataFrame) -> np.ndarray:
    """All that an account's own row says, as numbers."""
    at = accounts["registered_at"].astype("datetime64[s, UTC]").astype("int64")
    ip = accounts["registration_ip"].astype("string").fillna("")
    four = ip.str.extract(r"^(\d+)\.(\d+)\.(\d+)\.(\d+)$").astype(float)
    phone = pd.to_numeric(accounts["phone_prefix"])
    nickname = accounts["nickname"].astype("string").fillna("")
    version = accounts["app_version"].astype("string").str.split(".", expand=True)
    number = version.astype(float)
    columns = [
        at,
        at % 86_400,
        at // 86_400 % 7,
        *(four[place] for place in range(4)),
        four[0] * 65_536 + four[1] * 256 + four[2],
        ip.str.len(),
        accounts["registration_wifi"].isna(),
        accounts["registration_device_id"].isna(),
        phone,
        phone // 10_000,
        number[0] * 100 + number[1] * 10 + number[2] / 3,
        pd.Series(pd.factorize(accounts["os_version"], sort=True)[0]),
        nickname.str.len(),
        nickname.str.count(r"\d"),
        pd.Series(pd.factorize(nickname.str.replace(r"\d+", "", regex=True))[0]),
        pd.Series(pd.factorize(accounts["profile_region"], sort=True)[0]),
        accounts["real_name_verified"].astype(float),
        accounts["pay_enabled"].astype(float),
    ]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


@pytest.mark.long
def test_boosted_trees_on_own_columns_do_not_suffice(folder, batch):
    accounts = read(folder, "accounts")
    new = accounts[accounts["account_id"].isin(batch.index)].reset_index(drop=True)
    label = batch.loc[new["account_id"]].to_numpy(bool)
    assert abs(label.mean() - 0.1) < 0.001
    folds = StratifiedKFold(4, shuffle=True, random_state=1)
    trees = HistGradientBoostingClassifier(max_iter=200, random_state=1)
    risk = cross_val_predict(
        trees, own_columns(new), label, cv=folds, method="predict_proba"
    )[:, 1]
    assert average_precision_score(label, risk) <= 0.75
