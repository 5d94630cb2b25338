"""Tests of the checker: each rule has a mutant that breaks it."""
