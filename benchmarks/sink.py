"""A backend that takes everything and keeps nothing; in a process of its own so that it is not measured."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc


def main() -> None:
    server = grpc.server(ThreadPoolExecutor(2), options=[("grpc.max_receive_message_length", 64 * 1024 * 1024)])
    for signal, kind in (("trace", "Trace"), ("logs", "Logs"), ("metrics", "Metrics")):
        service = f"opentelemetry.proto.collector.{signal}.v1.{kind}Service"
        handler = grpc.unary_unary_rpc_method_handler(lambda _request, _context: b"")
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
