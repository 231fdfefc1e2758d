"""Every name that Potluck takes from hivemind, imported once and kept quiet.

Importing hivemind warns about its own use of torch, puts a coloured handler on its loggers and renames the
WARNING level for the whole process. Here its records flow to the program's own handlers, from WARNING up.
"""

import logging
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from hivemind.dht.crypto import DHTRecord, RecordValidatorBase
    from hivemind.dht.node import DHTNode
    from hivemind.dht.routing import DHTID
    from hivemind.dht.storage import DictionaryDHTValue
    from hivemind.dht.traverse import traverse_dht
    from hivemind.hivemind_cli import __path__ as p2pd_folder
    from hivemind.p2p import P2P, P2PContext, P2PHandlerError, PeerID
    from hivemind.p2p.p2p_daemon_bindings.datastructures import StreamInfo
    from hivemind.p2p.p2p_daemon_bindings.utils import P2PDaemonError, read_pbmsg_safe, write_pbmsg
    from hivemind.proto import dht_pb2, p2pd_pb2
    from hivemind.utils.logging import use_hivemind_log_handler
    from hivemind.utils.multiaddr import Multiaddr
    from hivemind.utils.serializer import MSGPackSerializer

use_hivemind_log_handler("nowhere")
logging.getLogger("hivemind").setLevel(logging.WARNING)
logging.addLevelName(logging.WARNING, "WARNING")

__all__ = [
    "DHTID",
    "P2P",
    "DHTNode",
    "DHTRecord",
    "DictionaryDHTValue",
    "MSGPackSerializer",
    "Multiaddr",
    "P2PContext",
    "P2PDaemonError",
    "P2PHandlerError",
    "PeerID",
    "RecordValidatorBase",
    "StreamInfo",
    "dht_pb2",
    "p2pd_folder",
    "p2pd_pb2",
    "read_pbmsg_safe",
    "traverse_dht",
    "write_pbmsg",
]
