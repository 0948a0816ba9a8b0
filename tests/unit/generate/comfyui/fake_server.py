"""A ComfyUI server in a thread: the routes, answers and messages of version 0.3.64, and faults on order.

Built from the documented API (docs.comfy.org, "Routes" and "Messages") and compared with a real server of that
version; shares no code with the client. The web socket is RFC 6455 by hand. Node classes: LoadImage, ImageBatch,
ImageInvert, SaveImage as ComfyUI has them (8 bits), LoadEXR and SaveEXR as custom nodes, and a few for refusals.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np

IMAGE, INT, STRING = "IMAGE", ["INT", {"min": 0, "max": 0xFFFFFFFF}], ["STRING", {"multiline": True}]
CORE, CUSTOM = "nodes", "custom_nodes.ComfyUI-Example"


def _info(required, *, module=CORE, output=False, **more):
    return {"input": {"required": required, "optional": {}}, "python_module": module, "output_node": output, **more}


NODES = {
    "LoadImage": _info({"image": [["example.png"], {"image_upload": True}]}),
    "ImageBatch": _info({"image1": [IMAGE], "image2": [IMAGE]}, deprecated=False),
    "ImageInvert": _info({"image": [IMAGE]}),
    "SaveImage": _info({"images": [IMAGE], "filename_prefix": STRING}, output=True),
    "LoadEXR": _info({"filepath": STRING}, module=CUSTOM),
    "LoadEXRFolder": _info({"folder": STRING}, module=CUSTOM),
    "SaveEXR": _info({"images": [IMAGE], "filename_prefix": STRING}, module=CUSTOM, output=True),
    "Tint": _info({
        "image": [IMAGE], "text": STRING, "seed": INT, "steps": ["INT", {"min": 1, "max": 100}],
        "cfg": ["FLOAT", {}], "denoise": ["FLOAT", {}],
    }, module=CUSTOM),
    "Mix": _info({"image": [IMAGE], "other": [IMAGE]}),
    "CheckpointLoaderSimple": _info({"ckpt_name": [["a.safetensors"]]}),
    "CloudPainter": _info({"image": [IMAGE]}, module="comfy_api_nodes.nodes_cloud", api_node=True),
}  # fmt: skip


@dataclass
class Faults:
    """What goes wrong, counted down where it is a number."""

    hold: bool = False  # jobs run until it is False
    busy: int = 0  # answers 503 to /prompt
    fail_node: str = ""  # a class that raises
    grow: int = 0  # pixels that SaveImage adds to the width
    name: str = ""  # what a saved file is called instead
    subfolder: str = ""
    kind: str = ""
    huge: bool = False  # /view states and sends more than anybody asked for
    garbage: bool = False  # /view sends no picture
    redirect: str = ""  # every GET is sent on there
    lose_files: int = 0  # /view answers 404
    drop_sockets: int = 0  # sockets closed after their first message
    extra_picture: bool = False
    own_ids: bool = False  # an old server: chooses prompt ids itself
    short: int = 0  # answers cut off in the middle
    latency: float = 0.0  # seconds before each answer
    drip: float = 0.0  # seconds between two bytes of an answer


@dataclass
class FakeComfy:
    """Use as a context; ``url`` is where it listens, ``faults`` what goes wrong, the lists what happened."""

    faults: Faults = field(default_factory=Faults)
    asked: list[tuple[str, str]] = field(default_factory=list)
    prompts: list[dict] = field(default_factory=list)  # every workflow that was queued
    uploads: dict[str, bytes] = field(default_factory=dict)  # input folder
    saved: dict[str, bytes] = field(default_factory=dict)  # output folder
    history: dict[str, dict] = field(default_factory=dict)
    pending: list[list] = field(default_factory=list)
    running: list[list] = field(default_factory=list)
    interrupted: list[str] = field(default_factory=list)
    sockets: dict[str, object] = field(default_factory=dict)
    opened: int = 0
    number: int = 0
    nodes: dict[str, dict] = field(default_factory=lambda: dict(NODES))

    def __enter__(self):
        self.lock = threading.RLock()
        self.alive, self.life = True, 0
        self._serve(0)
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.worker = threading.Thread(target=self._work, daemon=True)
        self.worker.start()
        return self

    def _serve(self, port):
        fake = self

        class Handler(_Handler):
            server_of = fake

        class Http(ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass

        self.http = Http(("127.0.0.1", port), Handler)
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def __exit__(self, *_):
        self.alive = False
        self.faults.hold = False
        self.stop()
        self.worker.join(5)

    def stop(self):
        """The process dies: queue, history and sockets are gone; files stay."""
        with self.lock:
            self.life += 1
            self.pending, self.running, self.history = [], [], {}
        self.hang_up()
        self.http.shutdown()
        self.http.server_close()

    def start(self):
        self._serve(self.port)

    def hang_up(self):
        with self.lock:
            lines, self.sockets = list(self.sockets.values()), {}
        for line in lines:
            with suppress(OSError):
                line.shutdown(2)

    # the queue ------------------------------------------------------------------------------------------------------
    def _work(self):
        while self.alive:
            with self.lock:
                item = self.pending.pop(0) if self.pending else None
                life = self.life
                if item:
                    self.running = [item]
            if item is None:
                time.sleep(0.002)
                continue
            self._run(item, life)

    def _run(self, item, life):
        prompt_id, prompt, client_id = item[1], item[2], item[3].get("client_id")
        messages = []

        def told(kind, data):
            messages.append([kind, data | {"prompt_id": prompt_id}])
            self.say(client_id, kind, data | {"prompt_id": prompt_id})

        told("execution_start", {"timestamp": 0})
        told("execution_cached", {"nodes": []})
        while self.faults.hold and self.alive and self.life == life and prompt_id not in self.interrupted:
            self.say(client_id, "progress", {"value": 1, "max": 4, "prompt_id": prompt_id, "node": "4"})
            self.preview(client_id)
            time.sleep(0.005)
        outputs, status = {}, "success"
        if prompt_id in self.interrupted:
            told("execution_interrupted", {"node_id": "4", "node_type": "ImageInvert", "executed": []})
            status = "error"
        elif self.life == life:
            try:
                outputs = self._execute(prompt, client_id, prompt_id)
                told("execution_success", {"timestamp": 0})
            except _NodeFault as fault:
                told("execution_error", {
                    "node_id": fault.node, "node_type": fault.kind, "exception_message": "tensors do not fit",
                    "exception_type": "RuntimeError", "traceback": [], "executed": [], "current_inputs": {},
                })  # fmt: skip
                status = "error"
        time.sleep(0.003)  # as the real one: success is told before the history has it
        with self.lock:
            if self.life != life:
                return
            self.running = []
            self.history[prompt_id] = {
                "prompt": item, "outputs": outputs,
                "status": {"status_str": status, "completed": status == "success", "messages": messages},
            }  # fmt: skip
        self.say(client_id, "executing", {"node": None, "prompt_id": prompt_id})
        self.say(None, "status", {"status": {"exec_info": {"queue_remaining": len(self.pending)}}})

    def _execute(self, prompt, client_id, prompt_id):
        made, outputs = {}, {}

        def value(node_id):
            if node_id not in made:
                node = prompt[node_id]
                if node["class_type"] == self.faults.fail_node:
                    raise _NodeFault(node_id, node["class_type"])
                self.say(client_id, "executing", {"node": node_id, "display_node": node_id, "prompt_id": prompt_id})
                given = {k: value(v[0]) if isinstance(v, list) else v for k, v in node["inputs"].items()}
                made[node_id] = self._node(node["class_type"], given)
            return made[node_id]

        for node_id, node in prompt.items():
            if self.nodes[node["class_type"]].get("output_node"):
                images = value(node_id)
                outputs[node_id] = {"images": images}
                self.say(client_id, "executed", {"node": node_id, "output": {"images": images}, "prompt_id": prompt_id})
        return outputs

    def _node(self, kind, given):
        if kind == "LoadImage":
            return _read(self.uploads[given["image"]], eight=True)[None]
        if kind == "LoadEXR":
            return _read(self.uploads[given["filepath"]])[None]
        if kind == "LoadEXRFolder":
            names = sorted(name for name in self.uploads if name.startswith(given["folder"] + "/"))
            return np.stack([_read(self.uploads[name]) for name in names])
        if kind == "ImageBatch":
            return np.concatenate([given["image1"], given["image2"]])
        if kind == "ImageInvert":
            return 1 - given["image"]
        if kind == "Mix":
            return (given["image"] + given["other"]) / 2
        if kind == "Tint":
            return given["image"] * np.float32(given["denoise"]) + np.float32(given["seed"] % 16) / 255
        if kind in ("SaveImage", "SaveEXR"):
            return self._save(given, ".png" if kind == "SaveImage" else ".exr")
        return np.zeros((1, 4, 4, 3), np.float32)

    def _save(self, given, ending):
        folder, _, stem = given["filename_prefix"].rpartition("/")
        found = []
        pictures = list(given["images"])
        pictures += pictures[:1] if self.faults.extra_picture else []
        for at, picture in enumerate(pictures):
            picture = np.pad(picture, ((0, 0), (0, self.faults.grow), (0, 0)))
            name = f"{stem}_{at + 1:05}_{ending}"
            self.saved[f"{folder}/{name}"] = _written(picture, ending)
            found.append({
                "filename": self.faults.name or name, "subfolder": self.faults.subfolder or folder,
                "type": self.faults.kind or "output",
            })  # fmt: skip
        return found

    def validated(self, prompt):
        """As the real server answers what it cannot run: None where all is well."""
        for node_id, node in prompt.items():
            if node["class_type"] not in self.nodes:
                message = f"Cannot execute because node {node['class_type']} does not exist."
                error = {"type": "invalid_prompt", "message": message,
                         "details": f"Node ID '#{node_id}'", "extra_info": {}}  # fmt: skip
                return {"error": error, "node_errors": {}}
        faults = {}
        for node_id, node in prompt.items():
            for name, spec in self.nodes[node["class_type"]]["input"]["required"].items():
                given = node["inputs"].get(name)
                error = None
                if given is None:
                    error = ("required_input_missing", "Required input is missing", name)
                elif spec[0] == "INT" and not isinstance(given, int | list):
                    error = ("invalid_input_type", "Failed to convert an input value to a INT value", f"{name}, {given}")
                elif name == "image" and isinstance(given, str) and given not in self.uploads:
                    error = ("custom_validation_failed", "Custom validation failed for node", f"Invalid image file: {given}")
                if error:
                    faults.setdefault(node_id, {"errors": [], "dependent_outputs": ["5"], "class_type": node["class_type"]})
                    faults[node_id]["errors"].append(
                        {"type": error[0], "message": error[1], "details": error[2], "extra_info": {"input_name": name}}
                    )
        if faults:
            error = {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation",
                     "details": "", "extra_info": {}}  # fmt: skip
            return {"error": error, "node_errors": faults}
        if not any(self.nodes[node["class_type"]].get("output_node") for node in prompt.values()):
            error = {"type": "prompt_no_outputs", "message": "Prompt has no outputs", "details": "", "extra_info": {}}
            return {"error": error, "node_errors": {}}
        return None

    # the socket -----------------------------------------------------------------------------------------------------
    def say(self, client_id, kind, data):
        self._frame(client_id, 1, json.dumps({"type": kind, "data": data}).encode())

    def preview(self, client_id):
        self._frame(client_id, 2, struct.pack(">II", 1, 2) + b"\x89PNG a picture of work in progress")

    def _frame(self, client_id, opcode, body):
        head = bytes([0x80 | opcode])
        head += bytes([len(body)]) if len(body) < 126 else b"\x7e" + struct.pack(">H", len(body))
        with self.lock:
            for name, line in list(self.sockets.items()):
                if client_id in (None, name):
                    try:
                        line.sendall(head + body)
                    except OSError:
                        self.sockets.pop(name, None)


class _NodeFault(Exception):
    def __init__(self, node, kind):
        super().__init__(kind)
        self.node, self.kind = node, kind


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of: FakeComfy

    def log_message(self, *_):
        pass

    def _answer(self, value, status=200, kind="application/json", location=None):
        raw = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("Connection", "close")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        if self.server_of.faults.short and len(raw) > 1:
            self.server_of.faults.short -= 1
            raw = raw[: len(raw) // 2]
        self.close_connection = True
        for at in range(len(raw) if self.server_of.faults.drip else 0):
            time.sleep(self.server_of.faults.drip)
            self.wfile.write(raw[at : at + 1])
            self.wfile.flush()
        if not self.server_of.faults.drip:
            self.wfile.write(raw)

    def do_GET(self):
        fake, parts = self.server_of, urlsplit(self.path)
        fake.asked.append(("GET", self.path))
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        time.sleep(fake.faults.latency)
        if parts.path == "/ws":
            return self._socket(query.get("clientId", ""))
        if fake.faults.redirect:
            return self._answer({}, 302, location=fake.faults.redirect + self.path)
        with fake.lock:
            if parts.path == "/system_stats":
                device = {"name": "cpu", "type": "cpu", "index": None, "vram_total": 8 << 30, "vram_free": 6 << 30}
                return self._answer({"system": {"comfyui_version": "0.3.64", "ram_free": 1}, "devices": [device]})
            if parts.path == "/object_info":
                return self._answer(fake.nodes)
            if parts.path.startswith("/object_info/"):
                name = parts.path.split("/")[2]
                return self._answer({name: fake.nodes[name]} if name in fake.nodes else {})
            if parts.path.startswith("/history/"):
                name = parts.path.split("/")[2]
                return self._answer({name: fake.history[name]} if name in fake.history else {})
            if parts.path == "/queue":
                return self._answer({"queue_running": fake.running, "queue_pending": fake.pending})
        if parts.path == "/view":
            return self._view(fake, query)
        return self._answer(b"404: Not Found", 404, "text/plain")

    def _view(self, fake, query):
        if fake.faults.lose_files:
            fake.faults.lose_files -= 1
            return self._answer(b"", 404)
        if fake.faults.huge:
            return self._answer(b"\0" * (60 << 20), 200, "image/png")
        if fake.faults.garbage:
            return self._answer(b"<html>not a picture</html>", 200, "text/html")
        data = fake.saved.get(f"{query['subfolder']}/{query['filename']}")
        return self._answer(b"", 404) if data is None else self._answer(data, 200, "image/png")

    def do_POST(self):
        fake = self.server_of
        fake.asked.append(("POST", self.path))
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        time.sleep(fake.faults.latency)
        if self.path == "/upload/image":
            return self._upload(fake, body)
        told = json.loads(body or b"{}")
        if self.path == "/prompt":
            return self._prompt(fake, told)
        with fake.lock:
            if self.path == "/queue":
                fake.pending = [item for item in fake.pending if item[1] not in told.get("delete", [])]
            elif self.path == "/interrupt":
                fake.interrupted += [item[1] for item in fake.running if told.get("prompt_id") in (None, item[1])]
            elif self.path == "/history":
                for name in told.get("delete", []):
                    fake.history.pop(name, None)
            else:
                return self._answer(b"", 404)
        return self._answer(b"", 200, "text/plain")

    def _upload(self, fake, body):
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        fields = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            name = part.get_param("name", header="content-disposition")
            fields[name] = (part.get_filename(), part.get_payload(decode=True))
        name, data = fields["image"]
        folder = fields["subfolder"][1].decode()
        fake.uploads[f"{folder}/{name}" if folder else name] = data
        return self._answer({"name": name, "subfolder": folder, "type": fields["type"][1].decode()})

    def _prompt(self, fake, told):
        if fake.faults.busy:
            fake.faults.busy -= 1
            return self._answer(b"Too many jobs", 503, "text/plain")
        wrong = fake.validated(told["prompt"])
        if wrong:
            return self._answer(wrong, 400)
        with fake.lock:
            fake.number += 1
            prompt_id = f"own-{fake.number}" if fake.faults.own_ids else told["prompt_id"]
            fake.prompts.append(told["prompt"])
            fake.pending.append([fake.number, prompt_id, told["prompt"], {"client_id": told.get("client_id")}, []])
        return self._answer({"prompt_id": prompt_id, "number": fake.number, "node_errors": {}})

    def _socket(self, client_id):
        fake = self.server_of
        accept = hashlib.sha1(self.headers["Sec-WebSocket-Key"].encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
        self.end_headers()
        with fake.lock:
            fake.sockets[client_id] = self.connection
            fake.opened += 1
        fake.say(client_id, "status", {"status": {"exec_info": {"queue_remaining": 1}}, "sid": client_id})
        if fake.faults.drop_sockets:
            fake.faults.drop_sockets -= 1
            self.close_connection = True
            with fake.lock:
                fake.sockets.pop(client_id, None)
            return
        with suppress(OSError):
            while heard := self.connection.recv(4096):
                if heard[0] & 15 == 8:  # the client's farewell
                    self.connection.sendall(b"\x88\x00")
                    break
        with fake.lock:
            if fake.sockets.get(client_id) is self.connection:
                fake.sockets.pop(client_id)
        self.close_connection = True


def _read(data, eight=False):
    import OpenImageIO as oiio  # noqa: N813

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.exr" if data[:2] == b"v/" else "a.png")
        file.write_bytes(data)
        source = oiio.ImageInput.open(str(file))
        pixels = source.read_image("uint8" if eight else "float")
        source.close()
    return np.asarray(pixels, np.float32) / (255 if eight else 1)


def _written(picture, ending):
    import OpenImageIO as oiio  # noqa: N813

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"a{ending}")
        values = np.clip(picture * 255, 0, 255).astype(np.uint8) if ending == ".png" else picture.astype(np.float32)
        out = oiio.ImageOutput.create(str(file))
        out.open(str(file), oiio.ImageSpec(values.shape[1], values.shape[0], 3, "uint8" if ending == ".png" else "float"))
        out.write_image(np.ascontiguousarray(values))
        out.close()
        return file.read_bytes()
