"""Checks infra/template.yaml against the source of the vault, after SAM's transformation.

`./dev check` runs it. Each rule has a mutant: a small change of the template that breaks this rule.
"""
