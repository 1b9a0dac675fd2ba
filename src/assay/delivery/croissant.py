"""The release described in Croissant 1.0 JSON-LD, with the properties for responsible AI that we measured. Pure."""

from typing import Any

from assay.delivery.card import measured_limits
from assay.delivery.content import ReleaseContent
from assay.delivery.files import Part
from assay.delivery.summary import Summary
from assay.delivery.tables import TABLES, Kind, Table

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_FORMATS = {"parquet": "application/x-parquet", "jsonl": "application/jsonlines", "csv": "text/csv"}
_TYPES: dict[Kind, str] = {
    "text": "sc:Text",
    "texts": "sc:Text",
    "json": "sc:Text",
    "number": "sc:Float",
    "whole": "sc:Integer",
    "flag": "sc:Boolean",
    "time": "sc:DateTime",
}


def describe(content: ReleaseContent, summary: Summary, parts: list[Part]) -> dict[str, Any]:
    """The whole JSON-LD document: files with digests, one record set per table, and what we know about the making."""
    head = content.head
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": head.name,
        "description": head.description,
        "version": head.version,
        "license": head.licence.id if head.licence.id != "other" else "LICENSE",
        "url": f"urn:uuid:{head.id}",
        "creator": {"@type": "sc:Organization", "name": head.organisation},
        "datePublished": head.released_at.date().isoformat(),
        "inLanguage": list(head.languages),
        "citeAs": f"{head.organisation}: {head.title}, release {head.version}",
        "isLiveDataset": False,
        "distribution": [_file(part) for part in parts if part.rows is not None],
        "recordSet": [_record_set(table) for table in TABLES],
        **_responsible(content, summary),
    }


def _file(part: Part) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": part.name,
        "name": part.name,
        "contentUrl": part.name,
        "contentSize": f"{part.bytes} B",
        "encodingFormat": _FORMATS[part.name.rsplit(".", 1)[1]],
        "sha256": part.sha256,
    }


def _record_set(table: Table) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": table.name,
        "name": table.name,
        "description": table.about,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{table.name}/{column.name}",
                "name": column.name,
                "description": column.about,
                "dataType": _TYPES[column.kind],
                "repeated": column.kind == "texts",
                "source": {"fileObject": {"@id": table.path}, "extract": {"column": column.name}},
            }
            for column in table.columns
        ],
    }


def _responsible(content: ReleaseContent, summary: Summary) -> dict[str, Any]:
    least, mean, most = summary.responses_per_task
    head = content.head
    said: dict[str, Any] = {
        "rai:dataCollection": f"Responses of {summary.annotators} annotators, one task at a time under a lease.",
        "rai:dataAnnotationProtocol": [_protocol(v.version, v.guideline_version) for v in content.versions],
        "rai:dataAnnotationPlatform": ["assay"],
        "rai:dataAnnotationAnalysis": _analysis(content),
        "rai:annotationsPerItem": f"{least} to {most} responses per task, {mean:.2f} on average",
        "rai:annotatorDemographics": [
            f"{group}: {', '.join(f'{value} {n}' for value, n in people.items()) or 'not recorded'}"
            for group, people in summary.groups.items()
        ],
        "rai:machineAnnotationTools": [f"{summary.disclosed_ai} responses disclose machine help"],
        "rai:dataLimitations": measured_limits(content) or ["None stated by the certificates."],
        "rai:dataBiases": list(content.quality.get("biases", ())) or ["Order and length effects were not measured."],
        "rai:personalSensitiveInformation": ["Annotators appear under pseudonyms made for this customer."],
        "rai:dataReleaseMaintenancePlan": "A release never changes; a correction is a new release that names this one.",
    }
    if head.use_cases:
        said["rai:dataUseCases"] = [head.use_cases]
    if head.social_impact:
        said["rai:dataSocialImpact"] = head.social_impact
    return said


def _protocol(version: str, guideline: str) -> str:
    return f"Version {version}: questions in schema/{version}.json, guideline in guidelines/{guideline}.md"


def _analysis(content: ReleaseContent) -> list[str]:
    checked = [
        f"Lot {lot.id}: {c['wrong']} of {c['n']} checked tasks wrong; error rate at most {c['upper_bound']:.4f} "
        f"at confidence {c['confidence']} ({c['method']})"
        for lot in content.lots
        for c in [lot.certificate]
    ]
    return [*checked, "Agreement and truth inference: quality.json"]
