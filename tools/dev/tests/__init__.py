"""Tests of ./dev: its error messages, and that it leaves no processes and files behind."""
