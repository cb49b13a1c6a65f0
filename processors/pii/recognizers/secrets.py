"""Keys and tokens whose issuers give them a form: a row an issuer, with what every text that holds one contains.

The forms are those of the issuers' documentation and of public secret scanners' rules.
"""

from __future__ import annotations

import re
from typing import Final

from processors.pii.recognizers.recognizer import Gated, PatternRecognizer, words

_NOT_IN_WORD: Final = r"(?<![0-9A-Za-z])"


def _key(form: str, *literals: str, context: re.Pattern[str] | None = None, digits: int = 0) -> Gated:
    return Gated(
        PatternRecognizer("API_KEY", re.compile(_NOT_IN_WORD + f"(?:{form})"), context=context), literals, digits
    )


_AWS_WORDS: Final = re.compile(r"(?i)aws|amazon|(?<![a-z])(?:secret|s3)(?![a-z])|A[KS]IA[A-Z0-9]{12}")
_AZURE_WORDS: Final = words(
    r"azure", r"ocp-apim[\w-]*", r"openai", r"api[ _-]?key", r"subscription[ _-]?key", r"account[ _-]?key"
)

SECRETS: Final[tuple[Gated, ...]] = (
    _key(r"sk-ant-[A-Za-z0-9_-]{8,}", "sk-ant-"),  # Anthropic
    _key(r"sk-(?:proj|svcacct|admin|or-v1|lf)-[A-Za-z0-9_-]{8,}|sess-[A-Za-z0-9]{32,}", "sk-", "sess-"),  # OpenAI projects, OpenRouter, Langfuse
    _key(r"sk-(?:(?=[A-Za-z0-9_-]{0,200}\d)[A-Za-z0-9_-]{16,}|[A-Za-z0-9]{20,})", "sk-"),  # OpenAI and those that copied its form
    _key(r"pk-lf-[A-Za-z0-9-]{16,}", "pk-lf-"),  # Langfuse
    _key(r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,32}(?![A-Za-z0-9])", "akia", "asia", "abia", "acca"),  # AWS access key ids
    _key(r"(?=[A-Za-z0-9/+]{0,39}\d)(?=[a-z0-9/+]{0,39}[A-Z])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])", "aws", "amazon", "secret", "akia", "asia", "s3", context=_AWS_WORDS),
    _key(r"ABSK[A-Za-z0-9+/]{40,}={0,2}", "absk"),  # AWS Bedrock
    _key(r"AIza[A-Za-z0-9_-]{30,}|AQ\.[A-Za-z0-9_-]{40,}", "aiza", "aq."),  # Google
    _key(r"ya29\.[A-Za-z0-9_-]{16,}|GOCSPX-[A-Za-z0-9_-]{20,}|1//0[A-Za-z0-9_-]{30,}", "ya29.", "gocspx-", "1//0"),  # Google OAuth
    _key(r"[A-Za-z0-9+/]{86}==", "=="),  # Azure storage, Cosmos, Event Hubs: 64 bytes
    _key(r"[A-Za-z0-9+/]{43}=(?![A-Za-z0-9=])", "sharedaccesskey", "accountkey", "accesskey", "azure", context=words(r"shared ?access ?key(?:=|name)?", r"account ?key", r"access ?key", r"azure")),
    _key(r"[A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34}", "q~"),  # Entra ID client secrets
    _key(r"[0-9a-f]{32}(?![0-9A-Za-z])", "azure", "ocp-apim", "subscription", "api key", "api-key", "api_key", "apikey", context=_AZURE_WORDS, digits=1),
    _key(r"[A-Za-z0-9]{27,60}JQQJ99[A-Za-z0-9]{10,60}", "jqqj99"),  # Azure AI services
    _key(r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    _key(r"gl(?:pat|ptt|dt|rt|soat|cbt|ft|imt|agent|ffct|oas|wt)-[A-Za-z0-9_.-]{16,}", "gl"),  # GitLab
    _key(r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{10,}", "xox", "xapp-"),  # Slack
    _key(r"hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/+]{20,}", "hooks.slack.com"),
    _key(r"discord(?:app)?\.com/api/webhooks/\d{15,}/[\w-]{40,}", "discord"),
    _key(r"[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])", digits=3),  # Discord bots
    _key(r"(?:sk|rk|pk)_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=]{16,}", "k_live_", "k_test_", "k_prod_", "whsec_"),  # Stripe
    _key(r"hf_[A-Za-z0-9]{16,}|api_org_[A-Za-z0-9]{30,}", "hf_", "api_org_"),  # Hugging Face
    _key(r"gsk_[A-Za-z0-9]{20,}|xai-[A-Za-z0-9]{20,}|pplx-[A-Za-z0-9]{20,}|r8_[A-Za-z0-9]{20,}", "gsk_", "xai-", "pplx-", "r8_"),  # Groq, xAI, Perplexity, Replicate
    _key(r"fw_[A-Za-z0-9]{20,}|tgp_v1_[A-Za-z0-9_-]{30,}|nvapi-[A-Za-z0-9_-]{30,}|csk-[a-z0-9]{40,}|jina_[A-Za-z0-9_-]{40,}", "fw_", "tgp_v1_", "nvapi-", "csk-", "jina_"),
    _key(r"npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}|rubygems_[a-f0-9]{40,}", "npm_", "pypi-", "dckr_", "rubygems_"),
    _key(r"do[opr]_v1_[a-f0-9]{40,}|dapi[a-f0-9]{32}(?:-\d)?|hv[sbr]\.[A-Za-z0-9_-]{20,}|dp\.(?:pt|st|ct|sa)\.[A-Za-z0-9._-]{30,}", "_v1_", "dapi", "hv", "dp."),  # DigitalOcean, Databricks, Vault, Doppler
    _key(r"SG\.[\w-]{16,}\.[\w-]{16,}|key-[0-9a-f]{32}(?!\w)|(?:SK|AC)[0-9a-f]{32}(?!\w)", "sg.", "key-", "sk", "ac"),  # SendGrid, Mailgun, Twilio
    _key(r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{16,}|tvly-[A-Za-z0-9-]{16,}|pcsk_[A-Za-z0-9_]{16,}", "lsv2_", "tvly-", "pcsk_"),  # LangSmith, Tavily, Pinecone
    _key(r"ntn_[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{40,}|lin_(?:api|oauth)_[A-Za-z0-9]{30,}|figd_[\w-]{30,}|pat[A-Za-z0-9]{14}\.[a-f0-9]{64}", "ntn_", "secret_", "lin_", "figd_", "pat"),
    _key(r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{30,}|sq0[a-z]{3}-[\w-]{22,}|EAAA[A-Za-z0-9_-]{50,}|EAACEdEose0cBA[A-Za-z0-9]+", "shp", "sq0", "eaa"),  # Shopify, Square, Meta
    _key(r"glsa_[A-Za-z0-9_]{30,}|glc_[A-Za-z0-9+/=]{30,}|NRAK-[A-Z0-9]{20,}|sntry[us]_[A-Za-z0-9+/=_]{40,}|ph[cx]_[A-Za-z0-9]{30,}", "glsa_", "glc_", "nrak-", "sntry", "phc_", "phx_"),
    _key(r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|tskey-[a-z]+-[\w-]{20,}|PMAK-[a-f0-9-]{50,}", "atlasv1", "age-secret-key-", "tskey-", "pmak-"),
    _key(r"\d{8,10}:AA[A-Za-z0-9_-]{32,}", ":aa", digits=8),  # Telegram bots
    _key(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?|eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", "eyj"),  # JSON web tokens, signed and encrypted
    Gated(
        PatternRecognizer(
            "API_KEY",
            # Up to the end of the text where the end marker was cut off.
            re.compile(
                r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
                r"(?:(?:(?!-----END)[\s\S])*+-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[\s\S]*)"
            ),
        ),
        ("private key",),
    ),
)  # fmt: skip
