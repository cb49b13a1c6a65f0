"""What a model takes for people or places and nobody is called: software, and words of conversations and forms.

Ambiguous ones (`Jenkins`, `Phoenix`) are not listed: of them the model decides by the words around. `Claude` is somebody, but where other models are near.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from processors.pii.findings import Finding

_PRODUCTS_AS_TEXT: Final = (
    "Ansible Arize AutoGen AutoGPT BERT BigQuery Bitbucket Bazel ChatGPT ChromaDB ClickHouse Clojure Cloudflare CockroachDB Cohere"
    " CoreNLP CosmosDB CouchDB CrewAI Dagster Databricks Datadog Deno DeepSeek Dependabot Django Docker DSPy DuckDB DynamoDB Elasticsearch ELMo Erlang"
    " ESLint etcd FAISS FastAPI Figma Firebase Firestore Flink Fluentd Fortran Gemma GitHub GitLab Gradio Gradle Grafana GraphQL Groq gRPC Guava Gunicorn"
    " Hadoop HAProxy Haskell HBase Helicone Heroku Hibernate HikariCP HuggingFace IntelliJ Istio JavaScript jQuery JSON Jupyter"
    " JupyterLab Kibana Keras Keycloak Kotlin Kubeflow Kubernetes Kustomize LangChain LangGraph LangSmith Langfuse Laravel LibreOffice LiteLLM LlamaIndex Logstash"
    " Lucene MariaDB Markdown Marqo Matplotlib Memcached Midjourney Milvus Minikube MinIO Mixtral MLflow MobX Mockito MongoDB MySQL NameNode Netlify Neo4j  NLTK"
    " Nginx NumPy Nvidia Ollama OpenAI OpenSearch OpenTelemetry OpenVINO Opik OTLP Parquet PagerDuty PgBouncer pgvector Phi-3 Pinecone Playwright"
    " Podman Polars Postgres PostgreSQL PowerShell Preact Prometheus Pydantic PyPI Pytest PyTorch Qdrant Qwen RabbitMQ React ReactJS"
    " Redis Redshift Redux RoBERTa RubyGems SageMaker ScyllaDB Scikit-learn SciPy Serilog Sidekiq Solidity SonarQube spaCy Splunk SQLAlchemy"
    " SQLite StarCoder Starlark Streamlit Supabase Svelte SvelteKit Symfony Tauri TensorFlow TensorRT Terraform Tokio Tomcat Traefik Trino TruLens"
    " TypeScript Typesense Ubuntu Uvicorn Vercel Vicuna Vitest vLLM Weaviate Webpack WebSocket WordPress Xcode XGBoost YAML Zabbix Zipkin ZooKeeper"
    " Zookeeper Algolia Airbyte Akka Angular Buck2 Dask Dify Dockerfile Fivetran Flowise Jamba Jotai KServe LibreChat Lodash lodash"
    " Mapbox Metabase Moshi Gson Nomic Okta OpenShift OpenRouter Pulumi PlanetScale Postman Presidio Qlik Shopify Storybook Superset Tableau"
    " BitLocker LinkedIn LoRA MultiIndex NordVPN QLoRA ShareLock Statuspage Salesforce WhatsApp YouTube eSIM iPhone iPad Ryzen NVMe"
    " TimescaleDB Turbopack Twilio Unsloth Upstash Wireshark Zendesk Zustand bcrypt"
)
PRODUCTS: Final = frozenset(_PRODUCTS_AS_TEXT.split())
"""As they are spelled."""
_PLAIN_AS_TEXT: Final = (
    "mr mrs ms dr prof yes yeah yep sure ok okay hi hello hey thanks please caller agent customer speaker assistant user uh um address mobile phone"
    " hallo moin bonjour bonsoir salut hola ciao buongiorno obrigado gracias merci danke grazie hei hej"
    " ich wir mein meine der die das und wohnt wohnen wohne heiße geboren kunde kundin herr frau telefon tel fax mobil handy adresse lieferadresse straße"
    " je j'habite habite suis monsieur madame société directeur directrice soy vivo llamo llámame señor señora chiamo abito sono moro jag heter bor ben nazywam mieszkam"
    " handler operator courier moderator interviewer interviewee receptionist dispatcher runbook webhook webhooks rota dedupe hiya thats smth tbh idk btw portal kiosk aisle"
    " herrn dass leider genau schreib schreibe wohnort hausarzt allergien medikamente anamnesebogen betrag vorname nachname geburtsdatum strasse ort nötig ihre ihren unser unsere"
    " entschuldigung fieber ebenfalls netto brutto bankverbindung rechnung hausverwaltung aufzug lieferung termin gern gerne bitte januar februar märz dezember montag dienstag"
    " mittwoch donnerstag freitag samstag sonntag techniker rückruf vertrag betreff anlage menge"
    " dans frais taille époux épouse cordialement commande numéro client cliente conseiller conseillère janvier février juillet août octobre novembre décembre lundi mardi mercredi"
    " jeudi vendredi samedi dimanche facture montant chez actuellement"
    " enviada enviado deseado contrato arras artículo código titular guarda quiero duda saludo saludos cuenta inmobiliaria propietario propietaria pareja agente enero febrero julio"
    " septiembre octubre noviembre diciembre lunes martes miércoles jueves viernes sábado domingo sita nacio nació"
    " luogo sensi ancora abbiamo visto suocera suocero celiaca gentile cordiali saluti gennaio febbraio settembre ottobre dicembre lunedì martedì mercoledì giovedì venerdì"
    " naturalidade nasc morada janeiro fevereiro setembro outubro dezembro contribuinte nascimento"
    " offerte geachte vriendelijke groet maandag dinsdag woensdag donderdag vrijdag zaterdag zondag mevrouw meneer"
    " cześć czesc salam kennitala gratulerer klem"
    " klant medewerker asistente assistente usuario usuária utente usuario benutzer nutzer kunde frage antwort pregunta respuesta question réponse domanda risposta pergunta resposta"
    " kontext contexto contesto contexte doc docs dok solicitante hoi buenas buenos tardes días noches genoteerd perfect perfecto parfait perfetto ja nein oui non nee sim não"
    " danish swedish norwegian finnish polish turkish matricola insta tool budget launch workaround"
    " eur usd gbp chf sek nok dkk pln czk huf brl inr cny sgd zar ngn kes mac kra iin hrbp"
)
_PLAIN: Final = frozenset(_PLAIN_AS_TEXT.split())
"""In lower case."""
_SMALL: Final = frozenset(
    [
        "de",
        "la",
        "le",
        "les",
        "du",
        "des",
        "den",
        "dem",
        "der",
        "ein",
        "eine",
        "einen",
        "das",
        "ist",
        "nicht",
        "auf",
        "mit",
        "von",
        "zu",
        "dass",
        "sie",
        "el",
        "los",
        "las",
        "del",
        "un",
        "una",
        "por",
        "para",
        "con",
        "que",
        "es",
        "se",
        "su",
        "al",
        "lo",
        "il",
        "gli",
        "della",
        "di",
        "da",
        "che",
        "e",
        "em",
        "um",
        "uma",
        "os",
        "as",
        "na",
        "no",
        "het",
        "een",
        "van",
        "op",
        "met",
        "voor",
        "niet",
        "nu",
        "en",
        "et",
        "ou",
        "est",
        "pas",
        "sur",
        "dans",
        "je",
        "tu",
        "vous",
        "nous",
        "ela",
        "ele",
        "mora",
        "gosta",
        "malata",
        "malato",
        "firma",
        "int",
        "return",
        "lady",
    ]  # a list to read
)
"""Only in lower case: with capitals some of them are somebody's."""
_CODE: Final = re.compile(r"(?=\D{0,12}\d)(?:[A-Z\d]{4,12}|[A-Z]{1,6}-[A-Z\d-]{1,12})")
"""`K7WQ2P`, `DSR-3381`: a booking, a case, a route; nobody's name."""
_ASSISTANTS: Final = frozenset({"Alexa", "Claude", "Cortana", "Devin", "Gemini", "Llama", "Mistral", "Siri"})
_OF_MODELS: Final = re.compile(
    r"\b(?:Anthropic|OpenAI|ChatGPT|GPT|Gemini|Llama|Mistral|Grok|Copilot|Bedrock|LLMs?|Sonnet|Opus|Haiku|Cortana|Siri)\b|\s(?:[1-9](?:\.\d)?\b|Code\b)"
)
_NEAR_CHARS: Final = 50
_VERBS: Final = frozenset({"bill", "chase", "frank", "grant", "jack", "mark", "pat", "rob", "skip", "sue", "trace"})
_BEFORE_VERB: Final = re.compile(
    r"(?:\b(?:will|would|can|could|should|must|may|might|please|not)|'(?:ll|d)|n't)\s$", re.IGNORECASE
)
_OBJECT: Final = re.compile(r"\s(?:this|that|these|those|it|them|me|us|you|him|her|the|an?|all|my|your|our|their)\b")
_OF_PROGRAMS: Final = re.compile(
    r"(?:[A-Z][a-z]{2,}){3,}\d*|(?:[A-Z][a-z]+)+[A-Z]{2,}|[BCDFGHJKLMNPQRSTVWXZ]{4,}|[^\W\d_]\.?"
)
"""Classes (three humps or more), `FooSQL`, consonants in capitals, a letter."""
_SIGNS: Final = " \t,;:.!?()[]{}'\"`\u2019/&"
_FOUND: Final = frozenset({"PERSON", "LOCATION"})


def without_no_names(text: str, found: Iterable[Finding]) -> list[Finding]:
    """The findings but those of people and places that are such names and nothing else."""
    return [
        f
        for f in found
        if f.entity_type not in _FOUND
        or not (
            _is_no_name(text[f.start : f.end])
            or (f.entity_type == "PERSON" and _CODE.fullmatch(text, f.start, f.end) is not None)
            or _is_verb(text, f.start, f.end)
            or _is_model(text, f.start, f.end)
        )
    ]


def _is_model(text: str, start: int, end: int) -> bool:
    """`Claude 3.5`, `You are Claude, created by Anthropic`; a first name alone, and what it is said of near it."""
    return text[start:end] in _ASSISTANTS and (
        _OF_MODELS.match(text, end) is not None
        or any(
            match[0][0] != " " and not start <= match.start() < end
            for match in _OF_MODELS.finditer(text, max(0, start - _NEAR_CHARS), end + _NEAR_CHARS)
        )
    )


def _is_verb(text: str, start: int, end: int) -> bool:
    """`Will mark this as done`, but not `please call mark`."""
    return (
        text[start:end] in _VERBS
        and _BEFORE_VERB.search(text, max(0, start - 8), start) is not None
        and _OBJECT.match(text, end) is not None
    )


def _is_no_name(value: str) -> bool:
    words = [word.strip(_SIGNS) for word in value.removesuffix("'s").removesuffix("\u2019s").split()]
    return bool(words) and all(
        word in PRODUCTS or word in _SMALL or word.lower() in _PLAIN or _OF_PROGRAMS.fullmatch(word) is not None
        for word in words
    )
