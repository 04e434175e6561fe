"""Pipelines for the guard: those that are refused, by the rule that refuses, and those that only read."""

JS = {"$function": {"body": "function() { return 1 }", "args": [], "lang": "js"}}
GATHER = {"$accumulator": {"init": "function() {}", "accumulate": "function() {}", "accumulateArgs": [], "lang": "js"}}
DOUBLING = {"$reduce": {"input": "$items", "initialValue": ["x"], "in": {"$concatArrays": ["$$value", "$$value"]}}}

REFUSED = {
    "writes": ("write", [{"$out": "stolen"}]),
    "merges": ("write", [{"$merge": {"into": "customers"}}]),
    "writes in a union": ("write", [{"$unionWith": {"coll": "orders", "pipeline": [{"$out": "stolen"}]}}]),
    "runs code": ("unknown-operator", [{"$match": {"$where": "while (true) {}"}}]),
    "runs code in an or": ("unknown-operator", [{"$match": {"$or": [{"amount": 1}, {"$where": "1"}]}}]),
    "runs code in not": ("unknown-operator", [{"$match": {"amount": {"$not": {"$where": "1"}}}}]),
    "runs a function": ("unknown-operator", [{"$project": {"x": JS}}]),
    "runs a function in a condition": ("unknown-operator", [{"$match": {"$expr": {"$eq": [1, JS]}}}]),
    "runs a function deep down": (
        "unknown-operator",
        [{"$set": {"x": {"$cond": {"if": True, "then": {"a": [{"$map": {"input": [], "in": JS}}]}, "else": 1}}}}],
    ),
    "runs a function in a let": (
        "unknown-operator",
        [{"$lookup": {"from": "customers", "let": {"x": JS}, "pipeline": [], "as": "c"}}],
    ),
    "runs a function in a lookup": (
        "unknown-operator",
        [{"$lookup": {"from": "customers", "pipeline": [{"$match": {"$expr": JS}}], "as": "c"}}],
    ),
    "runs a function in a facet": ("unknown-operator", [{"$facet": {"a": [{"$sortByCount": JS}]}}]),
    "runs a function in a window": (
        "unknown-operator",
        [{"$setWindowFields": {"sortBy": {"at": 1}, "output": {"x": {"$sum": JS}}}}],
    ),
    "runs a function in a bucket": ("unknown-operator", [{"$bucket": {"groupBy": JS, "boundaries": [0, 1]}}]),
    "gathers by code": ("unknown-operator", [{"$group": {"_id": None, "x": GATHER}}]),
    "gathers by code in a bucket": (
        "unknown-operator",
        [{"$bucketAuto": {"groupBy": "$amount", "buckets": 2, "output": {"x": GATHER}}}],
    ),
    "holds code as a value": ("unknown-operator", [{"$match": {"status": {"$code": "1"}}}]),
    "reads the server": ("unknown-operator", [{"$currentOp": {}}]),
    "reads sessions": ("unknown-operator", [{"$listSessions": {}}]),
    "reads statistics": ("unknown-operator", [{"$collStats": {"storageStats": {}}}]),
    "makes documents": ("unknown-operator", [{"$documents": [{"a": 1}]}]),
    "walks a graph": ("unknown-operator", [{"$graphLookup": {"from": "customers", "as": "c"}}]),
    "reads who asks": ("session-information", [{"$project": {"x": "$$USER_ROLES"}}]),
    "reads other collections": ("unreadable-table", [{"$unionWith": "secrets"}]),
    "joins other collections": (
        "unreadable-table",
        [{"$lookup": {"from": "secrets", "localField": "_id", "foreignField": "_id", "as": "s"}}],
    ),
    "joins another database": (
        "unreadable-table",
        [{"$lookup": {"from": {"db": "admin", "coll": "orders"}, "pipeline": [], "as": "s"}}],
    ),
    "joins everything with everything": ("cross-join", [{"$lookup": {"from": "customers", "as": "c"}}]),
    "joins everything with all of another pipeline": (
        "cross-join",
        [{"$lookup": {"from": "customers", "pipeline": [{"$sort": {"_id": 1}}], "as": "c"}}],
    ),
    "runs a function in an option": (
        "syntax",
        [{"$unwind": {"path": "$items", "preserveNullAndEmptyArrays": JS}}],
    ),
    "names no field": ("unknown-column", [{"$match": {"custmer_id": 1}}]),
    "computes with no field": ("unknown-column", [{"$set": {"x": {"$add": ["$amount", "$amuont"]}}}]),
    "names a field that is gone": ("unknown-column", [{"$group": {"_id": "$status"}}, {"$sort": {"amount": 1}}]),
    "reads into a text": ("unknown-column", [{"$match": {"status.length": 1}}]),
    "joins by what is hidden": (
        "unknown-column",
        [{"$lookup": {"from": "customers", "localField": "_id", "foreignField": "password", "as": "c"}}],
    ),
    "counts for ever": ("unknown-operator", [{"$set": {"x": {"$range": [0, 2_000_000_000]}}}]),
    "doubles a list": ("size", [{"$set": {"x": DOUBLING}}]),
    "doubles by another name": (
        "size",
        [
            {
                "$set": {
                    "x": {"$reduce": {**DOUBLING["$reduce"], "in": {"$let": {"vars": {"v": "$$value"}, "in": "$$v"}}}}
                }
            }
        ],
    ),
    "doubles stage by stage": ("size", [{"$set": {"status": {"$concat": ["$status", "$status"]}}}] * 40),
    "loops in loops": (
        "size",
        [{"$set": {f"x{n}": {"$map": {"input": "$items", "in": "$$this"}} for n in range(9)}}],
    ),
    "has a thousand stages": ("size", [{"$limit": 5}] * 1_000),
    "joins and joins": (
        "joins",
        [
            {"$lookup": {"from": "customers", "localField": "customer_id", "foreignField": "_id", "as": f"c{n}"}}
            for n in range(20)
        ],
    ),
    "is a long pattern": ("pattern", [{"$match": {"status": {"$regex": "(a+)+" * 200}}}]),
    "has two stages in one": ("syntax", [{"$match": {}, "$out": "x"}]),
    "has two operators in one": ("syntax", [{"$set": {"x": {"$add": [1, 2], "$sum": [1]}}}]),
    "mixes operators and fields": ("unknown-operator", [{"$match": {"address": {"$eq": 1, "city": "Wien"}}}]),
    "names a field like an operator": ("syntax", [{"$set": {"$x": 1}}]),
    "groups by nothing said": ("syntax", [{"$group": {"n": {"$sum": 1}}}]),
    "has a number too large": ("literal", [{"$match": {"amount": 2**63}}]),
    "has a date that is none": ("literal", [{"$match": {"at": {"$date": "yesterday"}}}]),
    "lacks a value": ("parameter", [{"$match": {"customer_id": {"$in": {"$value": "ids"}}}}]),
}

READ = [
    [],
    [{"$match": {"status": {"$in": ["paid", "sent"]}, "amount": {"$gte": 5, "$lt": 9}}}, {"$sort": {"at": -1}}],
    [{"$match": {"items": {"$elemMatch": {"sku": "a", "quantity": {"$gt": 1}}}}}],
    [{"$match": {"items.0.sku": {"$exists": True}, "status": {"$not": {"$regex": "^x", "$options": "i"}}}}],
    [{"$unwind": {"path": "$items", "includeArrayIndex": "place"}}, {"$sortByCount": "$items.sku"}],
    [
        {
            "$group": {
                "_id": {"$dateTrunc": {"date": "$at", "unit": "month"}},
                "n": {"$sum": 1},
                "all": {"$push": "$$ROOT"},
            }
        }
    ],
    [{"$facet": {"a": [{"$count": "n"}], "b": [{"$group": {"_id": "$status"}}]}}],
    [{"$set": {"address.zip": "?"}}, {"$unset": "items"}, {"$project": {"address": 1}}],
    [{"$bucket": {"groupBy": "$amount", "boundaries": [0, 10, 100], "default": "more"}}],
    [{"$setWindowFields": {"partitionBy": "$status", "sortBy": {"at": 1}, "output": {"r": {"$rank": {}}}}}],
    [
        {
            "$lookup": {
                "from": "customers",
                "let": {"id": "$customer_id"},
                "as": "c",
                "pipeline": [{"$match": {"$expr": {"$eq": ["$_id", "$$id"]}}}, {"$project": {"name": 1}}],
            }
        },
        {"$match": {"c.name": "Ada"}},
    ],
    [{"$unionWith": {"coll": "customers", "pipeline": [{"$project": {"status": "$country"}}]}}],
    [{"$replaceRoot": {"newRoot": {"$mergeObjects": ["$address", {"n": 1}]}}}, {"$match": {"whatever": 1}}],
    [{"$match": {"at": {"$gte": {"$date": "2026-01-01T00:00:00Z"}}, "_id": {"$oid": "6b01c1faa05e0af839de0384"}}}],
    [
        {
            "$set": {
                "x": {"$reduce": {"input": "$items", "initialValue": "", "in": {"$concat": ["$$value", "$$this.sku"]}}}
            }
        }
    ],
    [{"$sample": {"size": 5}}, {"$skip": 2}, {"$limit": 3}],
]
