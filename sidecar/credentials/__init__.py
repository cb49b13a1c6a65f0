"""Files that prove who somebody is: certificates and tokens. They are read at start, and again whenever they change.

    credential.py      what every kind has in common: read, compare, keep the old one if the new one cannot be used
    certificates.py    certificate, key and authorities of one TLS endpoint
    tokens.py          bearer tokens, one a line
    watcher.py         the loop that looks, the warnings before a certificate expires, the metrics

Receivers and exporters each hold theirs as `credentials`; `app.py` hands all of them to one watcher.
"""
