"""The code behind `./dev`, one module per concern.

It needs only Python's standard library, so that nothing has to be installed first.
"""
