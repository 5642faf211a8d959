-- Warns when a table has fewer rows than is usual: the median of the ten builds
-- before the last one.
{{ config(severity='warn') }}

with

table_volumes as (

    select * from {{ ref('table_volumes') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by table_name
            order by measured_at desc
        ) as age
    from table_volumes

),

compared as (

    select
        table_name,
        max(row_count) filter (where age = 1) as row_count,
        median(row_count) filter (where age between 2 and 11) as usual_count
    from ranked
    group by table_name

)

select * from compared
where row_count < usual_count * (1 - {{ var('tolerated_shrinkage') }})
