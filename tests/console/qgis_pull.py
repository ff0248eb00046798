"""Pull a collection by the OAPIF provider of QGIS without a screen; run by a Python that has QGIS.

Reads the address, name and key as JSON from standard input; writes what QGIS made of it to standard output.
"""

import json
import sys

from qgis.core import QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


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
    }


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    sys.stdout.write(json.dumps(pull(**json.load(sys.stdin))))
    sys.stdout.flush()
    application.exitQgis()
