"""Codes for tests: made as an issuer makes them, and pictures of them."""

import base64

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.builders import NOON

HOUR_S = 3600


class Issuer:
    """Its key, as the gate's keyring would give it (`find`)."""

    def __init__(self, name="platform", key="k1"):
        self.name, self.key, self.revoked = name, key, ""
        self._private = Ed25519PrivateKey.generate()
        self.public = base64.b64encode(self._private.public_key().public_bytes_raw()).decode()

    def find(self, issuer, key):
        return self if (issuer, key) == (self.name, self.key) else None

    def code(self, assignment="A1", expires_in_s=HOUR_S, nonce="n0001", now=NOON, **changes):
        issuer, key = changes.get("issuer", self.name), changes.get("key", self.key)
        expires = int(now.timestamp() + expires_in_s)
        text = f"BG1:{assignment}:{expires}:{nonce}:{issuer}:{key}"
        signature = base64.urlsafe_b64encode(self._private.sign(text.encode())).decode()
        return f"{text}:{signature.rstrip('=')}"


def a_picture(text, side=260, size=(720, 1280), at=(500, 200), level="Q"):
    """A code on a grey scene, BGR; `side`: its pixels, `level`: of error correction."""
    import zxingcpp

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    bits = np.array(made.to_image(scale=4, add_quiet_zones=True))
    code = cv2.resize(bits, (side, side), interpolation=cv2.INTER_AREA)
    scene = np.full((*size, 3), 120, np.uint8)
    noise = np.random.default_rng(3).normal(0, 6, scene.shape)
    scene = np.clip(scene + noise, 0, 255).astype(np.uint8)
    x, y = at
    scene[y : y + side, x : x + side] = code[:, :, None]
    return scene


def turned(picture, degrees, lean=0.0):
    """Rotated, and leaning away by a share of its width."""
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    out = cv2.warpAffine(picture, turn, (width, height), borderValue=(120, 120, 120))
    if not lean:
        return out
    source = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    d = lean * height / 2
    target = np.float32([[0, 0], [width, d], [width, height - d], [0, height]])
    matrix = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(out, matrix, (width, height), borderValue=(120, 120, 120))


def dirty(picture, share, seed=5):
    """With spots of mud over a share of the picture."""
    dice, out = np.random.default_rng(seed), picture.copy()
    height, width = picture.shape[:2]
    count = int(share * height * width / (np.pi * 6**2))
    for _ in range(count):
        at = (int(dice.integers(width)), int(dice.integers(height)))
        cv2.circle(out, at, int(dice.integers(3, 9)), (70, 85, 95), -1)
    return out


def at_night(picture, light=0.16, noise=7.0, blur=1.0, seed=7):
    """Dark, noisy and a little out of focus."""
    dim = cv2.GaussianBlur(picture, (0, 0), blur).astype(float) * light
    return np.clip(dim + np.random.default_rng(seed).normal(0, noise, dim.shape), 0, 255).astype(
        np.uint8
    )


def on_a_phone(picture, seed=9):
    """A glowing screen: washed-out black, a reflection across it, the screen's lines."""
    out = 60 + picture.astype(float) * 0.76
    rows = np.arange(out.shape[0])[:, None, None]
    out += 8 * np.sin(rows * 2.1)
    height, width = picture.shape[:2]
    glare = np.zeros((height, width), np.float32)
    cv2.line(glare, (width // 3, 0), (2 * width // 3, height), 1.0, 60)
    out += 70 * cv2.GaussianBlur(glare, (0, 0), 25)[:, :, None]
    out += np.random.default_rng(seed).normal(0, 5, out.shape)
    return np.clip(out, 0, 255).astype(np.uint8)
