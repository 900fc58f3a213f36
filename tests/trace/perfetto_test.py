"""The file for the Perfetto viewer, read back by a small reader of its format."""

import io
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import made_up  # noqa: E402 (needs the path above)

import model  # noqa: E402
import perfetto  # noqa: E402


def fields(data: bytes) -> list[tuple]:
    """(number, value) of each field: numbers, or the bytes of what has a length."""
    place, found = 0, []

    def varint():
        nonlocal place
        value = shift = 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        tag = varint()
        if tag & 7 == 0:
            found.append((tag >> 3, varint()))
        elif tag & 7 == 1:
            found.append((tag >> 3, int.from_bytes(data[place:place + 8], "little")))
            place += 8
        else:
            assert tag & 7 == 2, "no other kinds of fields are written"
            size = varint()
            found.append((tag >> 3, data[place:place + size]))
            place += size
    return found


class Written(unittest.TestCase):
    def write(self, trace) -> None:
        file = io.BytesIO()
        perfetto.write(model.build(trace), file)
        packets = fields(file.getvalue())
        self.assertTrue(all(number == perfetto.PACKET for number, _ in packets))
        self.packets = [dict(fields(value)) for _, value in packets]
        self.tracks, self.events = {}, []
        for packet in self.packets:
            if perfetto.TRACK_DESCRIPTOR in packet:
                track = dict(fields(packet[perfetto.TRACK_DESCRIPTOR]))
                self.tracks[track[perfetto.TRACK_NAME].decode()] = track[perfetto.UUID]
            else:
                self.events.append((packet[perfetto.TIMESTAMP], dict(fields(packet[perfetto.TRACK_EVENT]))))

    def on(self, track: str) -> list[tuple]:
        return [(when, event[perfetto.TYPE], event.get(perfetto.NAME, b"").decode())
                for when, event in self.events if event[perfetto.TRACK] == self.tracks[track]]


class Threads(Written):
    def setUp(self):
        self.write(made_up.ping_pong())

    def test_the_cpu_shows_who_ran_when(self):
        begin, end = perfetto.BEGIN, perfetto.END
        self.assertEqual(self.on("CPU 0"), [
            (10, begin, "ping"), (30, end, ""), (30, begin, "pong"), (60, end, ""), (60, begin, "ping"),
            (100, end, ""), (100, begin, "pong"), (130, end, "")])

    def test_threads_show_their_states(self):
        begun = [(when, name) for when, kind, name in self.on("ping") if kind == perfetto.BEGIN]
        self.assertEqual(begun, [(0, "Runnable"), (10, "Running"), (30, "Waiting for 0x10"), (50, "Runnable"),
                                 (60, "Running")])

    def test_an_arrow_leads_from_the_wake_up_to_the_run(self):
        ((departure, start),) = [(when, event) for when, event in self.events if perfetto.FLOWS in event]
        ((arrival, end),) = [(when, event) for when, event in self.events if perfetto.ENDING_FLOWS in event]
        self.assertEqual((departure, arrival), (50, 60))
        self.assertEqual(start[perfetto.FLOWS], end[perfetto.ENDING_FLOWS])
        self.assertEqual(end[perfetto.TRACK], self.tracks["ping"])

    def test_how_many_wait_is_counted(self):
        counts = [(when, event[perfetto.COUNTER_VALUE]) for when, event in self.events
                  if event[perfetto.TYPE] == perfetto.COUNT]
        self.assertEqual(counts, [(10, 1), (30, 0), (60, 1), (100, 0), (130, 0)])

    def test_only_the_first_packet_begins_the_sequence(self):
        flagged = [place for place, packet in enumerate(self.packets) if perfetto.SEQUENCE_FLAGS in packet]
        self.assertEqual(flagged, [0])


class Coroutines(Written):
    def setUp(self):
        self.write(made_up.coroutines())

    def test_each_has_a_track_in_its_process(self):
        tracks = [dict(fields(packet[perfetto.TRACK_DESCRIPTOR])) for packet in self.packets
                  if perfetto.TRACK_DESCRIPTOR in packet]
        parents = {track[perfetto.TRACK_NAME].decode(): track.get(perfetto.PARENT) for track in tracks}
        for title in ("A", "B", "coroutine 0xc"):
            self.assertEqual(parents[title], perfetto.PROCESS_TRACKS + 9)

    def test_it_shows_where_it_ran_and_what_it_waited_for(self):
        begun = [(when, name) for when, kind, name in self.on("A") if kind == perfetto.BEGIN]
        self.assertEqual(begun, [(10, "Runnable"), (20, "Running on left 9"), (40, "Parked for 0x77"),
                                 (60, "Runnable"), (70, "Running on right 10")])

    def test_arrows_lead_from_who_wakes_to_where_the_woken_runs(self):
        begin = {event[perfetto.FLOWS]: (when, event[perfetto.TRACK], event[perfetto.NAME].decode())
                 for when, event in self.events if perfetto.FLOWS in event}
        end = {event[perfetto.ENDING_FLOWS]: (when, event[perfetto.TRACK])
               for when, event in self.events if perfetto.ENDING_FLOWS in event}
        arrows = sorted((*begin[flow], *end[flow]) for flow in begin)
        self.assertEqual(arrows, [
            (60, self.tracks["B"], "wakes A", 70, self.tracks["A"]),
            (85, self.tracks["left 9"], "wakes coroutine 0xc", 90, self.tracks["coroutine 0xc"])])
