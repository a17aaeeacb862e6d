#!/usr/bin/python3
"""Says what Alertmanager sends to http://HOST:8080/, a line an alert: where your chat or pager would be."""
import http.server
import json
import sys


class Pager(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        for alert in message["alerts"]:
            labels, notes = alert["labels"], alert["annotations"]
            print(f"{alert['status'].upper()} {labels['severity']} {labels['alertname']}: {notes['summary']}", flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8080
    http.server.ThreadingHTTPServer(("", port), Pager).serve_forever()
