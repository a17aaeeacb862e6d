"""A process of one side, told line by line what to do: see Contestant.java, whose words peers.py speaks too."""
import json
import subprocess
import time

# OpenBLAS's threads go on spinning for a tenth of a second after a call, on a core that the other side needs
REST = 0.15


class Contestant:
    """Lives as long as the `with` block of one row. While it is not asked it only waits for a line."""

    def __init__(self, name, command, env=None):
        self.name = name
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=env)
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended at {request}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.name} at {request}: {answer['error']}")
        return answer

    def prepare(self, work, **what):
        """Loads what a work needs; the work can then be run again and again."""
        self.count += 1
        request = {key: str(value) if hasattr(value, "parts") else value for key, value in what.items()}
        self.ask(do="prepare", id=f"{work}-{self.count}", work=work, **request)
        return Prepared(self, f"{work}-{self.count}")


class Prepared:
    last = None  # whose turn it was

    def __init__(self, contestant, name):
        self.contestant = contestant
        self.name = name
        self.found = {}

    def run(self, **what):
        """Seconds of one repetition, once the other side is at rest; what it found is kept in `found`."""
        if Prepared.last not in (None, self.contestant):
            time.sleep(REST)
        Prepared.last = self.contestant
        answer = self.contestant.ask(do="run", id=self.name, **what)
        # what is infinite or undefined comes as a word
        self.found = {key: float(value) for key, value in answer["found"].items()}
        return answer["seconds"]
