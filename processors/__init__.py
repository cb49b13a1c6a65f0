"""What happens to kept telemetry, in order. Usable as a library: see `docs/library.md`.

attribution     whose calls they are: what is missing is counted, user ids are pseudonymised
cost            reads usage and models, writes what the call cost
prompt hashes   of the text as it came, where the policy says `of: raw`; else after pii
pii             personal data and secrets out of every text
retention       the share of traces that keep their text
stamp           why the trace was kept, and what it stands for
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Every import of a part of this package runs this file: it must load nothing.
    from processors.policy import Policy, PolicyKeys
    from processors.processor import Processor


def build(policy: Policy, keys: PolicyKeys) -> tuple[Processor, ...]:
    """The processors of a policy, without those it disables. Loads the detection model and the price list.

    Raises ValueError if the policy names a recognizer or a key that cannot be used.
    """
    # Imported here so that a process that only decides, or only checks a policy, stays small.
    from processors.attribution import Attribution  # noqa: PLC0415  # see above
    from processors.cost import Cost  # noqa: PLC0415  # see above
    from processors.genai.matcher import MATCHER  # noqa: PLC0415  # see above
    from processors.pii.detector import Detector  # noqa: PLC0415  # see above
    from processors.pii.scrub import Pii  # noqa: PLC0415  # see above
    from processors.prompts import ContentRetention, PromptHash  # noqa: PLC0415  # see above
    from processors.sampling.stamp import SamplingStamp  # noqa: PLC0415  # see above

    chain: list[Processor] = []
    if policy.attribution.at_work:
        chain.append(Attribution(policy.attribution, keys.pseudonym))
    if policy.cost.enabled:
        chain.append(Cost(policy.cost))
    if policy.pii.enabled:
        detector = Detector.load(policy.pii, keys.recognizers)
        chain.append(Pii(policy.pii, detector, MATCHER, keys.pseudonym))
    if policy.prompts.enabled:
        at = len(chain) - policy.pii.enabled if policy.prompts.hash.of == "raw" else len(chain)
        chain.insert(at, PromptHash(policy.prompts, keys.prompt_hash))
        chain.append(ContentRetention(policy.prompts))
    if policy.sampling.enabled:
        chain.append(SamplingStamp())
    return tuple(chain)


def without_content(chain: Sequence[Processor], dropper: Processor) -> tuple[Processor, ...]:
    """For what no worker survived: no text is looked at any more, all of it goes; the rest of the chain stays."""
    from processors.attribution import Attribution  # noqa: PLC0415  # see build
    from processors.cost import Cost  # noqa: PLC0415  # see build
    from processors.sampling.stamp import SamplingStamp  # noqa: PLC0415  # see build

    return (*(each for each in chain if isinstance(each, Attribution | Cost | SamplingStamp)), dropper)
