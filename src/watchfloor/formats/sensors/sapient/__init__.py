"""SAPIENT, the sensor network interface of BSI Flex 335 v2.0: read, checked, written, and spoken.

`schema` has the field tables (`fields.txt`). `stream` splits and reads what comes on a connection, `reading`
gives its messages to the kinds (`detections`, `coverage`, `alerts`), `nodes` is what must be remembered for
that. `file` is the format `sapient`, `writing` turns rows into messages, `messages` has those of a fusion
node, and `session` is its side of a conversation, without sockets.
"""
