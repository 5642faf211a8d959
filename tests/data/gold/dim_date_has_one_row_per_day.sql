with

dim_date as (

    select * from {{ ref('dim_date') }}
    where date_key != -1

),

counted as (

    select
        count(distinct calendar_date) as day_count,
        count(*) as row_count,
        datediff(
            date '{{ var("calendar_end") }}', date '{{ var("calendar_start") }}'
        ) + 1 as expected_count
    from dim_date

)

select * from counted
where row_count != expected_count or day_count != expected_count
