"""What a compose service may use of the machine: devices, GPUs, memory."""

from collections.abc import Iterator

from labkeeper.plan import GpuRequest
from labkeeper.source import Mapping, Scalar, Slice


def devices(service: Mapping) -> tuple[Slice, ...]:
    """The devices of the host that a service is given."""
    found: list[Slice] = []
    for item in service.sequence("devices"):
        source = item.scalar("source") if isinstance(item, Mapping) else item
        if isinstance(source, Scalar):
            found.append(source.text)
    return tuple(found)


def gpus(service: Mapping) -> Iterator[GpuRequest]:
    """Every wish for a GPU, in whatever form."""
    runtime = service.scalar("runtime")
    if runtime and runtime.value.startswith("nvidia"):
        yield GpuRequest("runtime", runtime.value, runtime.span)
    for device in devices(service):
        yield from device_request(device)
    pair = service.pair("gpus")
    if pair and service.get("gpus") is not None:
        value = pair[1].value if isinstance(pair[1], Scalar) else "all"
        yield GpuRequest("gpus-flag", value, pair[0].span)
    for reserved in _reservations(service):
        if "gpu" in {c.value for c in reserved.scalars("capabilities")} or _is_cdi(reserved):
            ids = [i.value for i in reserved.scalars("device_ids")]
            count = reserved.scalar("count")
            value = ",".join(ids) or (count.value if count else "all")
            yield GpuRequest("cdi" if _is_cdi(reserved) else "reservation", value, reserved.span)


def device_request(device: Slice) -> Iterator[GpuRequest]:
    """The GPU that a device gives, where it is one's."""
    if device.text.startswith(("nvidia.com/gpu", "amd.com/gpu", "intel.com/gpu")):
        yield GpuRequest("cdi", device.text, device.span)
    elif device.text.startswith(("/dev/nvidia", "/dev/dri", "/dev/kfd")):
        yield GpuRequest("device", device.text, device.span)


def _deploy(service: Mapping, part: str) -> Mapping | None:
    deploy = service.mapping("deploy")
    resources = deploy.mapping("resources") if deploy else None
    return resources.mapping(part) if resources else None


def _reservations(service: Mapping) -> list[Mapping]:
    reserved = _deploy(service, "reservations")
    return reserved.mappings("devices") if reserved else []


def _is_cdi(device: Mapping) -> bool:
    driver = device.scalar("driver")
    return driver is not None and driver.value == "cdi"


def memory_limit(service: Mapping) -> Slice | None:
    """How much memory a service may have."""
    limits = _deploy(service, "limits")
    value = service.scalar("mem_limit") or (limits.scalar("memory") if limits else None)
    return value.text if value else None
