"""Takes mail at port 587 and keeps each as a file, for the rehearsal to read."""
import asyncore
import os
import smtpd
import time

FOLDER = "/var/spool/postfix"


class Sink(smtpd.SMTPServer):
    def process_message(self, peer, mailfrom, rcpttos, data, **kwargs):
        path = os.path.join(FOLDER, f"{time.time_ns()}")
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.rename(path + ".new", path + ".eml")


Sink(("0.0.0.0", 587), None)
asyncore.loop()
