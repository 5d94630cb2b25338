"""Tests of ./dev: what it says when something is wrong, and that it leaves nothing behind."""
