"""Pull a collection and its tiles by QGIS without a screen; run by a Python that has QGIS.

Reads the address, name and key as JSON from standard input; writes what QGIS made of it to standard output.
"""

import base64
import json
import sys
from urllib.parse import quote

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDataSourceUri,
    QgsFeatureRequest,
    QgsGeometry,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsRenderContext,
    QgsSelectionContext,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize


def pull(url, name, key, collection, box):
    uri = QgsDataSourceUri()
    for word, value in (("url", url), ("typename", collection), ("pageSize", "7")):
        uri.setParam(word, value)
    uri.setUsername(name)
    uri.setPassword(key)
    layer = QgsVectorLayer(uri.uri(False), collection, "OAPIF")
    met = QgsFeatureRequest().setFilterRect(QgsRectangle(*box))
    return {
        "valid": layer.isValid(),
        "fields": [one.name() for one in layer.fields()],
        "features": [one["feature"] for one in layer.getFeatures()] if layer.isValid() else [],
        "in the box": [one["feature"] for one in layer.getFeatures(met)] if layer.isValid() else [],
        "tiles": _tiled(f"{url}collections/{collection}", f"{name}:{key}", QgsRectangle(*box)),
    }


def _tiled(collection, user, box):
    """Select all features of the vector tiles that a map of `box` has."""
    address = f"{collection}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"
    header = quote(f"Basic {base64.b64encode(user.encode()).decode()}")
    layer = QgsVectorTileLayer(f"type=xyz&url={address}&zmin=0&zmax=16&http-header:Authorization={header}")
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    place = QgsCoordinateTransform(degrees, layer.crs(), QgsProject.instance()).transform(box)
    shown = QgsMapSettings()
    shown.setOutputSize(QSize(1000, 1000))
    shown.setDestinationCrs(layer.crs())
    shown.setExtent(place)
    context = QgsSelectionContext()
    context.setScale(shown.scale())
    layer.selectByGeometry(
        QgsGeometry.fromRect(place),
        context,
        Qgis.SelectBehavior.SetSelection,
        Qgis.SelectGeometryRelationship.Intersect,
        Qgis.SelectionFlags(),
        QgsRenderContext.fromMapSettings(shown),
    )
    return [one["feature"] for one in layer.selectedFeatures()]


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    sys.stdout.write(json.dumps(pull(**json.load(sys.stdin))))
    sys.stdout.flush()
    application.exitQgis()
