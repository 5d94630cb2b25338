#!/usr/bin/python3
"""Sets a password on an OpenDocument text: `lock.py SOURCE TARGET PASSWORD`.

LibreOffice's command line cannot do this, but its Python bridge (`python3-uno`) can.
"""

import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

PIPE = "pipe,name=corpus;urp;"


def named_argument(name, value):
    """Returns a named argument for LibreOffice."""
    return PropertyValue(name, 0, value, 0)


def connect_to_libreoffice():
    """Connects to LibreOffice, which takes some seconds to start."""
    resolver = uno.getComponentContext().ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    for _ in range(60):
        try:
            office = resolver.resolve(f"uno:{PIPE}StarOffice.ComponentContext")
            return office.ServiceManager.createInstance("com.sun.star.frame.Desktop")
        except NoConnectException:
            time.sleep(1)
    sys.exit("LibreOffice does not start")


def main(source, target, password):
    """Opens the source and saves it with the password."""
    source, target = (uno.systemPathToFileUrl(os.path.abspath(path)) for path in (source, target))
    process = subprocess.Popen(["soffice", "--headless", "--norestore", f"--accept={PIPE}"])
    try:
        office = connect_to_libreoffice()
        document = office.loadComponentFromURL(source, "_blank", 0, (named_argument("Hidden", True),))
        document.storeToURL(target, (named_argument("FilterName", "writer8"), named_argument("Password", password)))
        document.close(True)
        office.terminate()
        process.wait(60)
    finally:
        process.kill()


if __name__ == "__main__":
    main(*sys.argv[1:])
