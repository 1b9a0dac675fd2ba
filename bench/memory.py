"""How much memory a server has held."""

from pathlib import Path


def peak_megabytes(server: int) -> float:
    """The most memory that any one process of the server has held so far, in MB."""
    peaks = [0.0]
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            group = int((folder / "stat").read_text().rpartition(")")[2].split()[2])
            status = (folder / "status").read_text()
        except OSError:  # it has ended
            continue
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), None)
        if group == server and peak:
            peaks.append(int(peak) / 1000)
    return max(peaks)
