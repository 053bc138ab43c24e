"""What `[[followup]]` may say, and how a slip is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.cases.followup import Step
from tocsin.pipeline.config import Config, load_config
from tocsin.terms.errors import BadConfig

HEAD = """
[issuer]
name = "Example Net"
domain = "isp.example"
mail_from = "abuse@isp.example"

[provider]
prefixes = ["192.0.2.0/24"]
"""
WAYS = {
    "sms": '[sms]\nvia = "http"\nurl = "https://sms.example/send"\nsender = "ExampleNet"\n',
    "letter": '[letter]\nvia = "folder"\nsender_address = ["Street 1", "12345 Town"]\n',
    "webhook": '[webhook]\nvia = "http"\nurl = "https://app.example/notices"\nsecret_file = "secret"\n',
    "garden": '[garden]\n[[garden.nas]]\nname = "all"\nvia = "command"\ncommand = ["/usr/local/bin/garden"]\n',
}


def config(folder: Path, text: str) -> Config:
    path = folder / "tocsin.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return load_config(path)


def policy(*steps: str, kinds: str = '["*"]') -> str:
    told = ", ".join(steps)
    return f"[[followup]]\nkinds = {kinds}\nsteps = [{told}]\n"


MAIL = '{ channel = "mail", when = "seen" }'


def test_a_policy_is_read_with_its_defaults(tmp_path: Path) -> None:
    [found] = config(tmp_path, policy(MAIL, '{ channel = "call", after_days = 3 }')).followup
    assert found.kinds == ("*",)
    assert found.steps == (Step(channel="mail", when="seen"), Step(channel="call", after_days=3, when="resighted"))


@pytest.mark.parametrize("channel", WAYS)
def test_a_step_needs_its_way(tmp_path: Path, channel: str) -> None:
    text = policy(MAIL, f'{{ channel = "{channel}", after_days = 7 }}')
    with pytest.raises(BadConfig) as raised:
        config(tmp_path, text)
    said = str(raised.value)
    assert f"step 2 for * goes by {channel}, and no way is configured" in said
    assert f"[{channel}]" in said or "[[garden.nas]]" in said
    assert len(config(tmp_path, text + WAYS[channel]).followup) == 1


def test_the_channels_are_those_that_a_way_is_configured_for(tmp_path: Path) -> None:
    assert config(tmp_path, "").channels() == {"mail", "call"}
    assert config(tmp_path, WAYS["sms"] + WAYS["letter"]).channels() == {"mail", "call", "sms", "letter"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (policy(MAIL, kinds='["infected"]'), "there is no kind 'infected'"),
        (policy(MAIL) + policy(MAIL), "two policies are for '*'"),
        (policy('{ channel = "garden", when = "seen" }'), "nobody is enclosed"),
        (policy('{ channel = "pigeon", when = "seen" }'), "followup[0].steps[0].channel"),
    ],
)
def test_a_slip_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadConfig) as raised:
        config(tmp_path, text)
    assert said in str(raised.value)
