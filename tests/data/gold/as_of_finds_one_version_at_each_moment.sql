-- depends_on: {{ ref('dim_user_history') }}
-- The edges of a history of two versions: its beginning, before it, the last
-- moment of the first version, the first of the second, and no moment at all.
with

history as (

    select
        version_number,
        cast(valid_from as timestamp) as valid_from,
        cast(valid_to as timestamp) as valid_to,
        version_number = 2 as is_current
    from
        values
        (1, '1900-01-01 00:00:00', '2026-03-01 00:00:00'),
        (2, '2026-03-01 00:00:00', null)
            as versions (version_number, valid_from, valid_to)

),

moments as (

    select
        cast(moment as timestamp) as moment,
        wanted_version
    from
        values
        ('1850-01-01 00:00:00', 1),
        ('1900-01-01 00:00:00', 1),
        ('2026-02-28 23:59:59.999999', 1),
        ('2026-03-01 00:00:00', 2),
        ('2999-01-01 00:00:00', 2),
        (null, 2)
            as wanted (moment, wanted_version)

),

joined as (

    select
        moments.moment,
        moments.wanted_version,
        collect_list(history.version_number) as found_versions
    from moments
    left join history
        on {{ as_of('moments.moment', 'history') }}
    group by moments.moment, moments.wanted_version

)

select * from joined
where found_versions != array(wanted_version)
